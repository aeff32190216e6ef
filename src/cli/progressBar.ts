const WIDTH = 24;

/** A line that redraws itself on a terminal; nothing where there is none. */
export class ProgressBar {
  private drawn = false;

  constructor(private readonly out: NodeJS.WriteStream = process.stdout) {}

  show(done: number, total: number, what: string): void {
    if (!this.out.isTTY) return;
    const share = total > 0 ? Math.min(1, done / total) : 0;
    const filled = Math.round(share * WIDTH);
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
    this.out.write(`\r\u001b[K${bar} ${String(Math.floor(100 * share)).padStart(3)}%  ${what}`);
    this.drawn = true;
  }

  clear(): void {
    if (this.drawn) this.out.write('\r\u001b[K');
    this.drawn = false;
  }
}
