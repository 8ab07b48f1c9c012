// tsc: Property 'server' is missing
import { createAuth } from 'miniauth';

createAuth({ my: {} });
