import { floats, wholes, type MakeView } from './looker';

/** What there is to choose from in the held-out set: `labels` u32 [count] and `radii` [count], metres that 1 stands for. */
export const shapes: MakeView = ({ data }) => {
  const { labels, radii, count } = data.set.test;
  return Promise.resolve({ labels: wholes([count], labels), radii: floats([count], radii) });
};
