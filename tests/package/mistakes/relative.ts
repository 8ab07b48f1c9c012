// run: options_invalid, url is a string such as https://api.example.com/orders, a whole address
import { auth } from './auth';

export default () => auth.httpRequest({ url: '/orders' });
