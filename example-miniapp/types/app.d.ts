/** An event of the view layer; the platform's typings leave it out. */
interface ViewEvent {
  type: string;
  timeStamp: number;
  target: { dataset: Record<string, string> };
  currentTarget: { dataset: Record<string, string> };
  detail: { value: Record<string, string> };
}

interface Advice {
  zh: string;
  en: string;
}

/** An error as the pages show it. */
interface Fault extends Advice {
  code: string;
}

/** What the pages read of an error that the library rejects with. */
interface MiniauthFailure {
  code: string;
  message: string;
  advice: Advice;
  where: string;
  encoding: string;
}

/** Nickname and avatar, for display only. */
interface Display {
  nickName: string | null;
  avatar: string | null;
}

/** A member as the server stored it. */
interface Member {
  nick_name: string | null;
  avatar: string | null;
  gender: string | null;
  province: string | null;
  city: string | null;
  stored_at: number;
}
