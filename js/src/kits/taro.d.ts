/** Declares what is used of Taro; the app has Taro's own types. */
declare module '@tarojs/components' {
  export const Button: string;
}
