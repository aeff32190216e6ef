/** Whether the options of a choice fit beside each other in the narrowest column of controls, no word broken. */

/** Width of the column in pixels, less its own padding. */
const COLUMN = 240;
/** Of a button beside its label: padding on both sides and the line between two. */
const AROUND = 9;
/** A letter at 13 px: a Latin one on average with a little to spare, a Chinese one exactly. */
const [LATIN, WIDE] = [7.2, 13];

function widthOf(label: string): number {
  let width = 0;
  for (const letter of label) width += /[\u2e80-\uffef]/.test(letter) ? WIDE : LATIN;
  return width;
}

export function fitsInSegments(labels: readonly string[]): boolean {
  return labels.reduce((sum, label) => sum + widthOf(label) + AROUND, 0) <= COLUMN;
}
