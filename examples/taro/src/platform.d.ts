/** The platform's object, which Taro leaves unchanged. */
declare const my: object;
