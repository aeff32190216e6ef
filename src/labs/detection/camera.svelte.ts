/** The reader's camera: asked for on a press alone, let go when it is left. */
import { fitFrame, type Fitted } from '../../data/annotatedFiles';
import { textOf } from '../../data/saidError';
import type { Text } from '../../train/control';

/** Why there is no picture, and what to do, by the name of the browser's error. */
const REASONS: Readonly<Record<string, Text>> = {
  NotAllowedError: {
    en: 'The camera was refused. Allow it for this page in the browser’s settings and press again, or choose a picture instead.',
    zh: '摄像头权限被拒绝。请在浏览器设置中允许本页使用后再试，或改用图片。',
  },
  NotFoundError: {
    en: 'No camera was found. Plug one in and press again, or choose a picture instead.',
    zh: '未找到摄像头。请接入后再试，或改用图片。',
  },
  NotReadableError: {
    en: 'The camera is there but gives no picture: another program may be using it. Close that and press again.',
    zh: '摄像头存在但没有画面：可能被其他程序占用。请关闭后再试。',
  },
};

const INSECURE: Text = {
  en: 'This browser gives no camera to this page: pages that are not served by https or from localhost have none. Choose a picture instead.',
  zh: '浏览器不向此页面提供摄像头：须通过 https 或 localhost 访问。可改用图片。',
};

export class Camera {
  on = $state(false);
  /** Asked for, and not answered yet. */
  asking = $state(false);
  problem = $state.raw<Text | undefined>();
  stream = $state.raw<MediaStream | undefined>();
  private video: HTMLVideoElement | undefined;

  async start(): Promise<void> {
    if (this.on || this.asking) return;
    this.problem = undefined;
    // Absent on pages that are not secure, whatever the types say.
    const devices = (navigator as { readonly mediaDevices?: MediaDevices }).mediaDevices;
    if (!devices) {
      this.problem = INSECURE;
      return;
    }
    this.asking = true;
    try {
      const stream = await devices.getUserMedia({ video: { width: 640, height: 480, facingMode: 'environment' } });
      // Left meanwhile.
      if (!this.asking) return this.release(stream);
      this.stream = stream;
      const video = document.createElement('video');
      video.muted = true;
      video.playsInline = true;
      video.srcObject = stream;
      await video.play();
      this.video = video;
      this.on = true;
      for (const track of stream.getTracks()) track.onended = () => this.lost();
    } catch (error) {
      this.problem = (error instanceof Error && REASONS[error.name]) || textOf(error);
      this.stop();
    } finally {
      this.asking = false;
    }
  }

  /** What it sees now, in a square; undefined before the first frame. */
  frame(side: number): Fitted | undefined {
    const { video } = this;
    if (!this.on || !video || video.videoWidth === 0) return undefined;
    return fitFrame(video, video.videoWidth, video.videoHeight, side);
  }

  stop(): void {
    this.asking = false;
    this.on = false;
    this.video = undefined;
    if (this.stream) this.release(this.stream);
    this.stream = undefined;
  }

  private lost(): void {
    this.stop();
    this.problem = { en: 'The camera was unplugged or taken away.', zh: '摄像头已断开。' };
  }

  private release(stream: MediaStream): void {
    for (const track of stream.getTracks()) {
      track.onended = null;
      track.stop();
    }
  }
}
