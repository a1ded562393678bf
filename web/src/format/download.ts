/** Lets the browser save a text as a file. */
export function download(name: string, text: string, type = 'text/plain') {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has begun to read the blob only after this turn of the event loop.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
