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

/** Address of the experiment on screen with the view that a figure stands in (`data-view` of what is around it) shown first. */
function figureAddress(figure: Element): string {
  const view = figure.closest<HTMLElement>('[data-view]')?.dataset['view'];
  if (view === undefined) return location.href;
  const [path = '', query = ''] = location.href.split('?');
  const pairs = query.split('&').filter((pair) => pair !== '' && !pair.startsWith('view='));
  return `${path}?${[...pairs, `view=${encodeURIComponent(view)}`].join('&')}`;
}

/** Copies the link of a figure. Throws what a clipboard that takes nothing says. */
export async function copyFigureLink(figure: Element): Promise<void> {
  await navigator.clipboard.writeText(figureAddress(figure));
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
