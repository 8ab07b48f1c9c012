// tsc: Did you mean to write 'scopes'\?
import { auth, event } from './auth';

auth.getAuthCode({ scope: 'auth_user', event, purpose: '成为会员' });
