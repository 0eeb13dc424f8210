/** Hands a file to the browser, which asks where to or puts it where downloads go. */
export function saveFile(name: string, file: Blob): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads it before it is taken back: the click has begun the download.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
