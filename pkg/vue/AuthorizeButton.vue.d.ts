import type { DefineComponent } from 'vue';
import type { AuthorizeScope } from '../dist/kit.js';

/** The platform's authorising button in uni-app, with its open type, its scope, and one handler for both events. */
declare const AuthorizeButton: DefineComponent<{
  /** What it asks for. */
  scope: AuthorizeScope;
  disabled?: boolean;
  /** Of the button itself: a class on the component does not reach it. */
  buttonClass?: string;
  hoverClass?: string;
  /** Hears what the platform says to a press, agreed or refused: pass the event on to `show` or `savePhone`, which finds out. */
  onAnswer: (event: any) => unknown;
}>;
export default AuthorizeButton;
