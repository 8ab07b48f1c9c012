// run: tap_required, Call it from a tap handler and pass the handler's event
import { auth } from './auth';

const query: object = { id: 'tea' };

/** In onLoad, with its argument. */
export default () => auth.authorize(query, { purpose: '成为会员' });
