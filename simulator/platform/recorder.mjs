import { CallFault } from './call-fault.mjs';

const LEAST = 1000;

/**
 * The phone's recorder, which one app at a time can use; methods are named like the calls. A recording takes as long as a real one, and its
 * file is as large, but contains no sound. The error numbers are those of Android. Frames and loudness are never reported.
 */
export class Recorder {
  /**
   * @param {import('./platform.mjs').Ports} ports
   * @param {import('./files.mjs').Files} files
   * @param {(name: string, fields: object, ask: import('./platform.mjs').Ask) => Promise<any>} question asks for the permission
   */
  constructor(ports, files, question) {
    Object.assign(this, { ports, files, question });
    /** @type {{ pause(): void, resume(): void, end(): void, leave(): void } | null} */
    this.running = null;
  }

  /** Starts recording, and is answered when the recording has ended. */
  async 'RecorderManager.start'(fields, { ask, tell }) {
    const { defaults, limits, bit_rates: rates } = this.ports.facts.call('RecorderManager.start');
    const { duration, format, sampleRate, encodeBitRate } = { ...defaults, ...fields };
    const [lowest, highest] = rates[sampleRate] ?? [Infinity, 0];
    if (encodeBitRate < lowest || encodeBitRate > highest) throw this.fault(3);
    if (this.running) throw this.fault(4);
    this.running = { pause() {}, resume() {}, end() {}, leave() {} };
    try {
      await this.question('RecorderManager.start', {}, ask);
      tell('start');
      const recorded = await this.record(Math.min(Number(duration), limits.duration), tell);
      if (recorded < LEAST) throw this.fault(7);
      const bytes = new Uint8Array(Math.round((recorded / 8000) * encodeBitRate));
      const tempFilePath = this.files.add({ bytes, type: `audio/${format}` });
      tell('stop', { tempFilePath, duration: recorded / 1000, fileSize: bytes.length });
    } finally {
      this.running = null;
    }
    return {};
  }

  'RecorderManager.pause'() {
    this.running?.pause();
    return {};
  }

  'RecorderManager.resume'() {
    this.running?.resume();
    return {};
  }

  'RecorderManager.stop'() {
    this.running?.end();
    return {};
  }

  /** According to the documents, leaving the page interrupts a recording. */
  leavePage() {
    this.running?.leave();
  }

  /** Waits until the recording ends. @returns {Promise<number>} the milliseconds without pauses */
  record(most, tell) {
    const { clock } = this.ports;
    let recorded = 0;
    let since = clock.now();
    let timer;
    return new Promise((resolve, reject) => {
      const stopClock = () => {
        clock.clearTimeout(timer);
        if (since !== null) recorded += clock.now() - since;
        since = null;
      };
      const end = () => {
        stopClock();
        resolve(Math.min(recorded, most));
      };
      const resume = () => {
        since = clock.now();
        timer = clock.setTimeout(end, most - recorded);
      };
      this.running = {
        end,
        pause() {
          if (since === null) return;
          stopClock();
          tell('pause');
        },
        resume() {
          if (since !== null) return;
          resume();
          tell('resume');
        },
        leave: () => {
          stopClock();
          reject(this.fault(1001));
        },
      };
      resume();
    });
  }

  fault(number) {
    return CallFault.of(this.ports.facts, 'RecorderManager.start', number);
  }
}
