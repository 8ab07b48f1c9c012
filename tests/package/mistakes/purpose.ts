// tsc: Expected 2 arguments, but got 1
import { auth, event } from './auth';

auth.authorize(event);
