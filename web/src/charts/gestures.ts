import { panned, type Span, zoomed } from './range.ts';

interface Hands {
  /** What is shown when a gesture begins, and now by the platform's clock. */
  span: () => Span;
  now: () => number;
  /** While it goes on. */
  onMove: (span: Span) => void;
  /** When it has ended. */
  onRest: () => void;
}

/** A wheel has no end: this long without a turn is one, in ms. */
const wheelRestMs = 200;
/** A finger that has gone this far, in CSS pixels, means to pan. */
const slack = 6;

/**
 * Pans a chart by dragging with Shift, by a finger, or by scrolling sideways; zooms by two fingers, or by the wheel with
 * Ctrl or ⌘, which is what a pinch on a touchpad comes as. Scrolling up and down stays the page's.
 * @returns ends it
 */
export function watchGestures(surface: HTMLElement, hands: Hands): () => void {
  const ends = [watchWheel(surface, hands), watchPointers(surface, hands)];
  return () => {
    for (const end of ends) end();
  };
}

function watchWheel(surface: HTMLElement, { span, now, onMove, onRest }: Hands): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const turn = (event: WheelEvent) => {
    const isZoom = event.ctrlKey || event.metaKey;
    if (!isZoom && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
    event.preventDefault();
    const { left, width } = surface.getBoundingClientRect();
    // Lines, where a browser counts in these, are about so many pixels.
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const factor = Math.exp(Math.min(Math.max(event.deltaY * pixels, -60), 60) / 150);
    const at = (event.clientX - left) / width;
    onMove(
      isZoom ? zoomed(span(), factor, at, now()) : panned(span(), (event.deltaX * pixels) / width, now()),
    );
    clearTimeout(timer);
    timer = setTimeout(onRest, wheelRestMs);
  };
  surface.addEventListener('wheel', turn, { passive: false });
  return () => {
    clearTimeout(timer);
    surface.removeEventListener('wheel', turn);
  };
}

function watchPointers(surface: HTMLElement, { span, now, onMove, onRest }: Hands): () => void {
  /** Where each began and is, from 0, the left end, to 1. */
  const pointers = new Map<number, { began: number; is: number }>();
  let before: Span | undefined;
  let moved = false;
  const placeOf = ({ clientX }: PointerEvent) => {
    const { left, width } = surface.getBoundingClientRect();
    return (clientX - left) / width;
  };
  /** From here on, for another number of fingers. */
  const begin = () => {
    before = span();
    for (const [id, { is }] of pointers) pointers.set(id, { began: is, is });
  };
  const down = (event: PointerEvent) => {
    if (event.pointerType !== 'touch' && !(event.shiftKey && event.button === 0)) return;
    pointers.set(event.pointerId, { began: placeOf(event), is: placeOf(event) });
    if (pointers.size === 1) moved = false;
    begin();
  };
  const move = (event: PointerEvent) => {
    const pointer = pointers.get(event.pointerId);
    if (!pointer || !before) return;
    pointer.is = placeOf(event);
    if (!moved && Math.abs(pointer.is - pointer.began) * surface.clientWidth < slack) return;
    moved = true;
    surface.setPointerCapture(event.pointerId);
    const [one, other] = [...pointers.values()];
    onMove(
      one && other ? pinched(before, one, other, now()) : panned(before, pointer.began - pointer.is, now()),
    );
  };
  const up = (event: PointerEvent) => {
    if (!pointers.delete(event.pointerId)) return;
    if (pointers.size > 0) begin();
    else if (moved) onRest();
  };
  const listeners = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: up };
  for (const [name, listener] of Object.entries(listeners))
    surface.addEventListener(name, listener as EventListener);
  return () => {
    for (const [name, listener] of Object.entries(listeners))
      surface.removeEventListener(name, listener as EventListener);
  };
}

/** What two fingers hold stays under them. */
function pinched(
  before: Span,
  one: { began: number; is: number },
  other: { began: number; is: number },
  now: number,
): Span {
  const apart = Math.max(Math.abs(one.is - other.is), 0.02);
  const factor = Math.abs(one.began - other.began) / apart;
  const [began, is] = [(one.began + other.began) / 2, (one.is + other.is) / 2];
  return panned(zoomed(before, factor, began, now), began - is, now);
}
