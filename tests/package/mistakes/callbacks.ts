// tsc: Expected 0 arguments, but got 1
import { auth } from './auth';

auth.login({ success() {} });
