// tsc: Property 'nickName' does not exist on type 'DisplayInfo'
import { auth, event } from './auth';

auth.getAuthUserInfo(event, { purpose: '显示昵称' }).then((info) => info.nickName);
