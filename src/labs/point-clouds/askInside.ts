/** Which views show the inside of each network. */
import type { Remote } from 'comlink';
import type { Config } from '../../train/control';
import type { LabWorker } from '../props';
import type { Views } from './shown';
import type { PageLook } from './viewProps';

/** One held-out object on its way through the run's network: the views of its method, by the names that these give. */
export async function askInside(worker: Remote<LabWorker>, config: Config, look: PageLook): Promise<Views> {
  const shapes = [look.shape];
  switch (String(config['method'])) {
    case 'pointnet2':
      return worker.view('levels', { shapes, scale: look.scale });
    case 'dgcnn':
      return worker.view('neighbours', { shapes, point: look.point });
    case 'voxels':
      return worker.view('grid', { shapes });
    case 'views':
      return worker.view('pictures', { shapes });
    default: {
      const critical: Views = config['pool'] === 'max' ? await worker.view('critical', { shapes }) : {};
      return { ...(await worker.view('transforms', { shapes })), ...critical };
    }
  }
}
