/** What `miniauth/vue` and `miniauth/react` have in common. */

import { ConsentOptions, DisplayValues, Member, MiniauthError, PhoneNumber, SessionState } from './miniauth.js';

/** What a page has to show. */
export interface KitState {
  /** What the client knows of the session now: whether it lives, and each consent. */
  session: SessionState;
  /**
   * Nickname and avatar, after `show`; gone with the session. For this page alone: the client refuses requests that hold them, and a
   * store that is kept (`my.setStorage`) is no place for them.
   */
  display: DisplayValues | null;
  /** The phone number as the server stored it, masked, after `savePhone`; gone with the session. */
  phone: PhoneNumber | null;
  /**
   * What the last act failed with, until the next begins: `error.code` is `consent_refused` where the user said no. Nothing on the page
   * may depend on consent: keep the button, and go on.
   */
  error: MiniauthError | null;
  /** Whether an act is under way. Disabling buttons by it is for looks: one press is never answered twice. */
  busy: boolean;
}

/** What follows from that. */
export interface KitView extends KitState {
  /** The member as the server stored it; `null` for a user who is none, and while it is not known. */
  member: Member | null;
  /** What to do about `error`, a sentence for the user in Chinese; empty when there is none. In English: `error.advice.en`. */
  advice: string;
}

/**
 * What a page does. None of it rejects: what fails is in `error`, and the promise resolves to `undefined`. An act with an event is
 * called in the handler itself, before anything is awaited.
 */
export interface KitActs {
  /** The client's `login`: silent, and asks nobody. */
  login(): Promise<Member | null | undefined>;
  /** The client's `getAuthUserInfo`, for the answer of an `AuthorizeButton` with the scope `userInfo`. What it learns is in `display`. */
  show(event: object, options: ConsentOptions): Promise<void>;
  /** The client's `authorize`, for a tap. The member is in `member`. */
  join(event: object, options: ConsentOptions): Promise<Member | undefined>;
  /** The client's `getPhoneNumber`, for the answer of an `AuthorizeButton` with the scope `phoneNumber`. What it learns is in `phone`. */
  savePhone(event: object, options: ConsentOptions): Promise<void>;
  /** The client's `logout`. What was shown of the user goes. */
  logout(): Promise<void>;
  /** Anything else, such as a request of the page's own, with the same `busy` and `error`. */
  attempt<Value>(act: () => Value | Promise<Value>): Promise<Value | undefined>;
}

/** What an `AuthorizeButton` asks for: nickname and avatar, or the phone number. */
export type AuthorizeScope = 'userInfo' | 'phoneNumber';
