/**
 * Calls `act` at once and then at most every `ms`, with a last call for what came meanwhile.
 * @returns asks for a call; `end` drops one that is still to come
 */
export function throttled(act: () => void, ms: number): { ask: () => void; end: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = false;
  const ask = () => {
    if (timer !== undefined) {
      asked = true;
      return;
    }
    act();
    timer = setTimeout(() => {
      timer = undefined;
      if (!asked) return;
      asked = false;
      ask();
    }, ms);
  };
  return {
    ask,
    end: () => {
      clearTimeout(timer);
      timer = undefined;
      asked = false;
    },
  };
}
