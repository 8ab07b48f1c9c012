import { shallowRef, watch } from 'vue';
import { call } from '../../api.mjs';
import { entries } from '../../timeline.mjs';
import { JsonTree } from '../json-tree.mjs';
import { render } from './members.html';

/** What the server has stored about each test user, from `miniauth members show`. */
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
    // The server stores something only after a gateway call, a request or a message.
    watch(
      () => entries.filter(({ kind }) => kind === 'gateway-call' || kind === 'request' || kind === 'message').length,
      () => void look(),
    );
    return { answer, problem, look };
  },
};
