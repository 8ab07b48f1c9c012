import type { DefineComponent } from 'vue';
import type { AuthorizeScope } from '../dist/kit.js';

/** The platform's authorising button in uni-app, complete with open type, scope, and one handler for both events. */
declare const AuthorizeButton: DefineComponent<{
  /** What it asks for. */
  scope: AuthorizeScope;
  disabled?: boolean;
  /** A class for the button itself: a class on the component does not reach it. */
  buttonClass?: string;
  hoverClass?: string;
  /** Receives the platform's answer to a press, agreed or refused: pass the event to `show` or `savePhone`, which evaluates it. */
  onAnswer: (event: any) => unknown;
}>;
export default AuthorizeButton;
