// tsc: possibly 'null'
import { auth } from './auth';

auth.login().then((member) => member.nickName);
