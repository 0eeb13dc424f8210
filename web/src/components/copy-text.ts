/**
 * Puts a text on the clipboard. The clipboard's own interface is missing where the page came over plain HTTP from
 * another machine, as it does with HOST set and no certificate; the older command works there.
 * @returns false when neither does
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.readOnly = true;
  area.style.cssText = 'position:fixed;top:0;opacity:0';
  // Inside a dialog the focus may not leave it.
  const home = document.activeElement?.closest('[role=dialog]') ?? document.body;
  const focused = document.activeElement as HTMLElement | null;
  home.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  focused?.focus();
  return copied;
}
