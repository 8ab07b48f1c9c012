/** An event of the view layer; the platform's typings lack it. */
interface ViewEvent {
  type: string;
  timeStamp: number;
  target: { dataset: Record<string, string> };
  currentTarget: { dataset: Record<string, string> };
  detail: { value: Record<string, string> };
}

/** An error as shown by the pages. */
interface Fault {
  code: string;
  zh: string;
  en: string;
}

type Member = import('miniauth').Member;
type Display = import('miniauth').DisplayValues;
type MiniauthError = import('miniauth').MiniauthError;
type RequestOptions = import('miniauth').HttpRequestOptions;
