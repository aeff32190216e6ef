/** Id of the shipped model whose features measure images of so many channels. */
export function featureModel(channels: number): string {
  return channels === 1 ? 'diffusion-fashion' : 'diffusion-emoji';
}
