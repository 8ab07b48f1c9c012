/**
 * `miniauth/testing`: for tests of pages, in Node and without a browser. A fake phone whose platform behaves like the simulator's, and the
 * real client on it, with its rules, advice and errors.
 */

import { Auth, ConsentKind, CreateAuthOptions, ErrorCode, Member } from './miniauth.js';

/** Creates a phone and its user. `phone.my` is the platform's object, which page code may use too. */
export function fakeMy(options?: FakeMyOptions): FakePhone;

/** Creates a client, on its own phone or on `phone`, for page code that takes one. */
export function fakeAuth(options?: FakeAuthOptions): Auth;

/** Creates the event of a tap, as a handler receives it: each call is another tap. */
export function tap(fields?: object): FakeEvent;

/**
 * Creates the event of the authorising button for nickname and avatar: the user agreed, or refused. The consent itself is set on the phone:
 * `fakeMy({ consents: { userInfo: 'granted' } })`; `phone.press()` does both.
 */
export function authorizeEvent(fields?: FakeAuthorizeEvent): FakeEvent;

/** Creates the event of the authorising button for the phone number, with the platform's encrypted data; or the user's refusal. */
export function phoneEvent(fields?: FakeAuthorizeEvent & { encryptedData?: string; sign?: string }): FakeEvent;

/** Creates an error answer of the miniauth server, for `respond`. */
export function problem(code: ErrorCode): FakeResponse;

/** The calls that ask the user something in a panel of their own. */
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
  | 'RecorderManager.start'
  | 'chooseLocation'
  | 'openLocation'
  | 'makePhoneCall'
  | 'previewImage'
  | 'saveImage'
  | 'saveImageToPhotosAlbum'
  | 'saveVideoToPhotosAlbum'
  | 'chooseCity'
  | 'chooseDistrict'
  | 'regionPicker'
  | 'multiLevelSelect'
  | 'choosePhoneContact'
  | 'addPhoneContact'
  | 'chooseVideo'
  | 'connectWifi'
  | 'watchShake'
  | 'startIfaaAuthentication'
  | 'exitMiniProgram'
  | 'navigateBackMiniProgram'
  | 'chooseAlipayContact'
  | 'chooseContact'
  | 'getAddress'
  | 'requestSubscribeMessage'
  | 'paySignCenter'
  | 'showAuthGuide'
  | 'openCardList'
  | 'openMerchantCardList'
  | 'openCardDetail'
  | 'openVoucherList'
  | 'openMerchantVoucherList'
  | 'openVoucherDetail'
  | 'openKBVoucherDetail'
  | 'openTicketList'
  | 'openMerchantTicketList'
  | 'openTicketDetail'
  | 'navigateToMiniProgram'
  | 'calculateRoute'
  | 'getRunData'
  | 'ap.imgRisk'
  | 'ap.imgRiskCallback'
  | 'ap.nsf'
  | 'ap.preventCheat'
  | 'ap.navigateToAlipayPage'
  | 'ap.openAlipayApp'
  | 'ap.openURL'
  | 'ap.updateAlipayClient';

/** `action` is `ok`, `cancel`, `refuse`, an index of an action sheet, or a code of tradePay, paySignCenter or a call that judges a risk. */
export interface FakeChoice {
  action?: string;
  value?: string;
  chosen?: number[];
}

export interface FakeMyOptions {
  /** The phone's user. Omitted fields have defaults; `null` means that the user has not set it. */
  user?: FakeUser;
  /**
   * The user's earlier answers, by kind: `granted` is a consent, `denied` is refused again when asked, `unknown` (the default) is asked and
   * accepted, unless `phone.answers` says otherwise.
   */
  consents?: Partial<Record<ConsentKind, 'granted' | 'denied' | 'unknown'>>;
  /** Variations of the platform's behaviour, as in the simulator: `close:10,json:json_or_text`. */
  profile?: string;
  /** Phone faults, as in the simulator: `offline`, `no-permission:getAuthCode`, separated by commas. */
  faults?: string;
  /** `legacy`: a platform with only the older calls. Default `current`. */
  generation?: 'current' | 'legacy';
  /** A member that the server already knows. */
  member?: Partial<Member>;
  /**
   * Answers the page's own requests; for undefined the fake server answers like a miniauth server, and 404 otherwise. If it throws, the
   * network failed.
   */
  respond?: (request: FakeRequest) => FakeResponse | undefined | Promise<FakeResponse | undefined>;
  /** The domain whitelist, as origins. Default: every address. */
  allowed?: string[];
  /** The pictures to choose from in `my.chooseImage`. Default: one tiny picture. */
  pictures?: { bytes: Uint8Array; type: string }[];
  /** Serves page code's WebSockets, each before it is open: it may reject it, or wait. Default: it opens and stays silent. */
  socket?: (socket: FakeSocket) => void | Promise<void>;
}

/** The server's end of a WebSocket. */
export interface FakeSocket {
  url: string;
  headers: Record<string, string>;
  protocols: string[];
  /** Receives page code's messages: strings or bytes. */
  onMessage(listener: (data: string | Uint8Array) => void): void;
  onClose(listener: (code: number, reason: string) => void): void;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  /** Answers the handshake with an error: the WebSocket never opens. */
  refuse(): void;
}

export interface FakeUser {
  nickName?: string | null;
  avatar?: string | null;
  /** In clear, which no page ever sees. */
  phone?: string;
  gender?: 'F' | 'M' | null;
  province?: string | null;
  city?: string | null;
}

/** The user's reaction to a panel: `refuse-for-good` refuses permanently, `back` closes it, `background` leaves the app. */
export type FakeAnswer = 'accept' | 'refuse' | 'refuse-for-good' | 'back' | 'background' | 'nothing';

export interface FakePhone {
  /** The platform's object: page code's `my`, and the one for `createAuth`. */
  readonly my: Record<string, (...passed: any[]) => any>;
  /** Every call of `my`, in order, with its options. */
  readonly calls: ({ name: string } & Record<string, any>)[];
  /** How many consent panels were shown. */
  readonly panels: number;
  /**
   * The user's reactions to the next panels: for all kinds of consent, or for one; for the album; and for the panel of a call, by its name:
   * what they press (default `ok` or its equivalent), enter and choose.
   */
  readonly answers: { consent: FakeAnswer; image: FakeAnswer } & Partial<
    Record<ConsentKind, FakeAnswer> & Record<FakeQuestion, string | FakeChoice>
  >;
  /** What calls have changed around the page: `loading`, `title`, `titleBarColor`, `refreshing` and so on. */
  readonly screen: Record<string, unknown>;
  /** Errors of page code in platform callbacks, and uses of unsimulated features. */
  readonly reported: Error[];
  /** How often page code called `my.<name>`. */
  count(name: string): number;
  /** Changes a consent as in the settings; with `unknown` the user is asked again. */
  setConsent(kind: ConsentKind, state: 'granted' | 'denied' | 'unknown'): void;
  /** Replaces the faults; an empty string clears them. */
  setFaults(faults: string): void;
  /** Presses the authorising button. Resolves to its events as the page receives them: the tap, then the results. */
  press(button?: { openType: 'getAuthorize'; scope: 'userInfo' | 'phoneNumber' }): Promise<FakeEvent[]>;
  /** Presses it for nickname and avatar, and resolves to the one event of `onGetAuthorize` or `onError`. */
  authorise(): Promise<FakeEvent>;
  readonly server: {
    /** The member as stored; `null` if there is none. */
    member: Member | null;
    /** Expires every session. */
    expire(): void;
  };
}

export interface FakeAuthOptions
  extends FakeMyOptions, Partial<Pick<CreateAuthOptions, 'server' | 'observe' | 'tapLifetime' | 'panelTimeout'>> {
  /** The phone to use instead of its own. */
  phone?: FakePhone;
}

export interface FakeAuthorizeEvent {
  refused?: boolean;
  /** The platform's message of a refusal. */
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
  /** The address's path, without the query. */
  path: string;
  method: string;
  headers: Record<string, string>;
  /** Parsed if it is JSON; for an upload its fields, with the file as `{ path, size }`. */
  data: any;
}

export interface FakeResponse {
  /** Default 200. */
  status?: number;
  /** Sent as JSON; a string is sent unchanged. */
  data?: unknown;
  headers?: Record<string, string>;
}
