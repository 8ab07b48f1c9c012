/**
 * For tests of pages, in Node and without a browser: `miniauth/testing`. A phone that is none, whose platform behaves as the
 * simulator's does, and a client over it that is the real one: its rules, its advice and its errors are those of the app.
 */

import { Auth, ConsentKind, CreateAuthOptions, ErrorCode, Member } from './miniauth.js';

/** Makes a phone with a person in front of it. `phone.my` is the platform's object, which page code may use too. */
export function fakeMy(options?: FakeMyOptions): FakePhone;

/** Makes a client for page code that takes one, over a phone of its own or over `phone`. */
export function fakeAuth(options?: FakeAuthOptions): Auth;

/** The event of a tap, as a handler gets it: each call is another tap. */
export function tap(fields?: object): FakeEvent;

/**
 * The event of the authorising button for nickname and avatar: that the user agreed, or refused. That consent holds is for the
 * phone to know: `fakeMy({ consents: { userInfo: 'granted' } })`; `phone.press()` does both.
 */
export function authorizeEvent(fields?: FakeAuthorizeEvent): FakeEvent;

/** The event of the authorising button for the phone number, with what the platform encrypted; or that the user refused. */
export function phoneEvent(fields?: FakeAuthorizeEvent & { encryptedData?: string; sign?: string }): FakeEvent;

/** An answer of the miniauth server with an error, for `respond`. */
export function problem(code: ErrorCode): FakeResponse;

/** The calls that ask the person something in a window of their own. */
export type FakeQuestion =
  | 'confirm'
  | 'prompt'
  | 'showModal'
  | 'openDocument'
  | 'showActionSheet'
  | 'datePicker'
  | 'optionsSelect'
  | 'scan'
  | 'tradePay'
  | 'getLocation'
  | 'chooseLocation'
  | 'openLocation'
  | 'makePhoneCall'
  | 'previewImage'
  | 'saveImage'
  | 'saveImageToPhotosAlbum'
  | 'chooseCity'
  | 'navigateToMiniProgram'
  | 'ap.navigateToAlipayPage'
  | 'ap.openAlipayApp'
  | 'ap.openURL'
  | 'ap.updateAlipayClient';

/** `action` is `ok`, `cancel`, `refuse`, an index of an action sheet or a code of tradePay. */
export interface FakeChoice {
  action?: string;
  value?: string;
  chosen?: number[];
}

export interface FakeMyOptions {
  /** Who uses the phone. What is left out has a value; `null` is what the user has not set. */
  user?: FakeUser;
  /**
   * What the user has answered before, by kind: `granted` holds, `denied` is refused again when asked, `unknown` (the default) is
   * asked and accepted, unless `phone.answers` says otherwise.
   */
  consents?: Partial<Record<ConsentKind, 'granted' | 'denied' | 'unknown'>>;
  /** How the platform differs from what its documents say, as in the simulator: `close:10,json:json_or_text`. */
  profile?: string;
  /** What goes wrong on the phone, as in the simulator: `offline`, `no-permission:getAuthCode`, with commas between. */
  faults?: string;
  /** `legacy`: a platform that has only the older calls. Default `current`. */
  generation?: 'current' | 'legacy';
  /** The server knows this member already, who need not join. */
  member?: Partial<Member>;
  /**
   * Answers requests of the page's own; what it leaves undefined is answered as a miniauth server does, and 404 beyond that.
   * Where it throws, the network failed.
   */
  respond?: (request: FakeRequest) => FakeResponse | undefined | Promise<FakeResponse | undefined>;
  /** The domain whitelist, as origins. Default: every address. */
  allowed?: string[];
  /** What the user has to choose from when `my.chooseImage` asks. Default: one tiny picture. */
  pictures?: { bytes: Uint8Array; type: string }[];
  /**
   * Serves the WebSockets of page code, each before it is open: it may refuse it, or wait. Default: it opens, and nothing comes.
   */
  socket?: (socket: FakeSocket) => void | Promise<void>;
}

/** The server's end of a WebSocket. */
export interface FakeSocket {
  url: string;
  headers: Record<string, string>;
  protocols: string[];
  /** Page code sent this: a text, or bytes. */
  onMessage(listener: (data: string | Uint8Array) => void): void;
  onClose(listener: (code: number, reason: string) => void): void;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  /** The handshake is answered with an error: it never opens. */
  refuse(): void;
}

export interface FakeUser {
  nickName?: string | null;
  avatar?: string | null;
  /** In clear, as no page ever gets it. */
  phone?: string;
  gender?: 'F' | 'M' | null;
  province?: string | null;
  city?: string | null;
}

/** What the person does with a window: `refuse-for-good` refuses for good, `back` closes it, `background` leaves the app. */
export type FakeAnswer = 'accept' | 'refuse' | 'refuse-for-good' | 'back' | 'background' | 'nothing';

export interface FakePhone {
  /** The platform's object: page code's `my`, and what `createAuth` takes. */
  readonly my: Record<string, (...passed: any[]) => any>;
  /** Every call of `my`, in order, with what was passed. */
  readonly calls: ({ name: string } & Record<string, any>)[];
  /** How many windows asked for a consent. */
  readonly panels: number;
  /**
   * What the person does with the next windows: for all kinds of consent, or for one; with the album; and with the window of a call that
   * asks, by its name: what they press (`ok` or its like if nothing is said), write and pick.
   */
  readonly answers: { consent: FakeAnswer; image: FakeAnswer } & Partial<Record<ConsentKind, FakeAnswer> & Record<FakeQuestion, string | FakeChoice>>;
  /** What calls have changed around the page: `loading`, `title`, `titleBarColor`, `refreshing` and the like. */
  readonly screen: Record<string, unknown>;
  /** Page code's errors in callbacks of the platform's, and what is not simulated. */
  readonly reported: Error[];
  /** How often page code called `my.<name>`. */
  count(name: string): number;
  /** The person changes their mind in the settings, or is asked for the first time again. */
  setConsent(kind: ConsentKind, state: 'granted' | 'denied' | 'unknown'): void;
  /** Replaces the faults; an empty text ends them. */
  setFaults(faults: string): void;
  /** The person presses the authorising button. Resolves to its events as the page gets them: the tap, then what results. */
  press(button?: { openType: 'getAuthorize'; scope: 'userInfo' | 'phoneNumber' }): Promise<FakeEvent[]>;
  /** The same for nickname and avatar, and the one event that `onGetAuthorize` or `onError` is called with. */
  authorise(): Promise<FakeEvent>;
  readonly server: {
    /** The member as stored; `null` when there is none. */
    member: Member | null;
    /** Every session has expired. */
    expire(): void;
  };
}

export interface FakeAuthOptions
  extends FakeMyOptions,
    Partial<Pick<CreateAuthOptions, 'server' | 'observe' | 'tapLifetime' | 'panelTimeout'>> {
  /** The phone that it runs on, in place of one of its own. */
  phone?: FakePhone;
}

export interface FakeAuthorizeEvent {
  refused?: boolean;
  /** What the platform says of a refusal. */
  message?: string;
  [field: string]: unknown;
}

export interface FakeEvent {
  type: string;
  timeStamp: number;
  target: any;
  currentTarget: any;
  detail: any;
  [field: string]: unknown;
}

export interface FakeRequest {
  url: string;
  /** Of the address, without query. */
  path: string;
  method: string;
  headers: Record<string, string>;
  /** Parsed where it is JSON; of an upload its fields, the file as `{ path, size }`. */
  data: any;
}

export interface FakeResponse {
  /** Default 200. */
  status?: number;
  /** Sent as JSON, a text as it is. */
  data?: unknown;
  headers?: Record<string, string>;
}
