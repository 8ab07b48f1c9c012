// run: options_invalid, url is whole (https://api.example.com/orders) or below server (/orders)
import { auth } from './auth';

export default () => auth.httpRequest({ url: 'orders' });
