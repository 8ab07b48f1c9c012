// tsc: does not exist on type 'Promise<Member \| null>'
import { auth } from './auth';

auth.login().nickName;
