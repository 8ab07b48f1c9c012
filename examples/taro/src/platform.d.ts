/** The platform's object, which Taro leaves alone. */
declare const my: object;
