import { shallowRef, watch } from 'vue';
import { call } from '../../api.mjs';
import { entries } from '../../timeline.mjs';
import { JsonTree } from '../json-tree.mjs';
import { render } from './members.html';

/** What the server keeps about each test user, as `miniauth members show` tells it. */
export const Members = {
  name: 'side-members',
  render,
  components: { JsonTree },
  setup() {
    const answer = shallowRef(null);
    const problem = shallowRef('');
    const look = async () => {
      try {
        answer.value = await call('members');
        problem.value = '';
      } catch (error) {
        problem.value = error.message;
      }
    };
    void look();
    // Whatever the server stores is preceded by a call of the gateway, or asked for by a request.
    watch(() => entries.filter(({ kind }) => kind === 'gateway-call' || kind === 'request' || kind === 'message').length, () => void look());
    return { answer, problem, look };
  },
};
