/** Taro's own types are in the app. */
declare module '@tarojs/components' {
  export const Button: string;
}
