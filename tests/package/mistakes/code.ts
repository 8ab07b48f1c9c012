// tsc: have no overlap
import { MiniauthError } from 'miniauth';

export const refused = (error: MiniauthError) => error.code === 'consent_refuse';
