/** Taking figures out of the page. */

/** Hands a file to the reader. */
export function saveFile(data: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(data);
  link.download = name;
  link.click();
  // Firefox reads the address after the click returns.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A canvas to the clipboard as PNG; as a file where the clipboard takes no pictures. */
export async function savePng(canvas: HTMLCanvasElement | undefined, name: string): Promise<void> {
  const picture = await new Promise<Blob | null>((resolve) => (canvas ? canvas.toBlob(resolve) : resolve(null)));
  if (!picture) return;
  try {
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': picture })]);
  } catch {
    saveFile(picture, `${name}.png`);
  }
}
