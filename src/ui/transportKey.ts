/** What a key asks of the transport, wherever the focus is on the page. */

export type TransportAction = 'toggle' | 'step' | 'reset';

/** What is focused when a key goes down. */
export interface Focused {
  /** Upper-case name of the element. */
  readonly tagName: string;
  readonly role: string | null;
  /** Inside a dialog: the page behind it is not to be moved. */
  readonly inDialog: boolean;
}

/** Undefined where the key belongs to what is focused: typing, the space bar on a button, the arrows of a choice. */
export function transportKey(key: string, { tagName, role, inDialog }: Focused): TransportAction | undefined {
  if (inDialog || /^(INPUT|SELECT|TEXTAREA)$/.test(tagName)) return undefined;
  if (key === ' ') return /^(BUTTON|SUMMARY)$/.test(tagName) ? undefined : 'toggle';
  if (key === 'ArrowRight') return role === 'radio' || role === 'tab' ? undefined : 'step';
  return key === 'r' || key === 'R' ? 'reset' : undefined;
}
