// run: options_invalid, url must be an absolute URL (https://api.example.com/orders) or a path below server (/orders)
import { auth } from './auth';

export default () => auth.httpRequest({ url: 'orders' });
