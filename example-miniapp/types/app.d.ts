/** An event of the view layer; the platform's typings leave it out. */
interface ViewEvent {
  type: string;
  timeStamp: number;
  target: { dataset: Record<string, string> };
  currentTarget: { dataset: Record<string, string> };
  detail: { value: Record<string, string> };
}

/** An error as the pages show it. */
interface Fault {
  code: string;
  zh: string;
  en: string;
}

type Member = import('miniauth').Member;
type Display = import('miniauth').DisplayValues;
type MiniauthError = import('miniauth').MiniauthError;
type RequestOptions = import('miniauth').HttpRequestOptions;
