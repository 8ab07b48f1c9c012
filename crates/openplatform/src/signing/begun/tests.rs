use super::{FirstStep, begin};
use std::{
    future::{pending, poll_fn},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    task::{Context, Poll, Wake, Waker},
    thread,
};
use tokio::sync::oneshot;

/// How often it was woken.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn on_a_thread(first_step: Arc<dyn FirstStep>) -> thread::JoinHandle<()> {
    thread::spawn(move || first_step.take())
}

#[tokio::test]
async fn the_first_step_is_the_threads_and_the_others_are_the_tasks() {
    let (sender, receiver) = oneshot::channel();
    let (begun, first_step) = begin(async {
        let first = thread::current().id();
        receiver.await.unwrap();
        (first, thread::current().id())
    });
    let thread = on_a_thread(first_step);
    let expected = (thread.thread().id(), thread::current().id());
    thread.join().unwrap();
    sender.send(()).unwrap();
    assert_eq!(begun.await, expected);
}

#[tokio::test]
async fn who_is_woken_while_the_first_step_lasts_is_woken_again() {
    let (woken, wait_for_it) = mpsc::channel::<()>();
    let (told, wait_for_poll) = mpsc::channel::<()>();
    let mut is_first = true;
    let (begun, first_step) = begin(poll_fn(move |context| {
        if !is_first {
            return Poll::Ready("done");
        }
        is_first = false;
        // What the call waits for is there before the step is over.
        context.waker().wake_by_ref();
        woken.send(()).unwrap();
        wait_for_poll.recv().unwrap();
        Poll::Pending
    }));
    let mut begun = Box::pin(begun);
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let mut context = Context::from_waker(&waker);
    assert_eq!(begun.as_mut().poll(&mut context), Poll::Pending);
    let thread = on_a_thread(first_step);
    wait_for_it.recv().unwrap();
    assert_eq!(begun.as_mut().poll(&mut context), Poll::Pending, "the thread has it still");
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
    told.send(()).unwrap();
    thread.join().unwrap();
    assert_eq!(count.0.load(Ordering::SeqCst), 2);
    assert_eq!(begun.as_mut().poll(&mut context), Poll::Ready("done"));
}

#[tokio::test]
async fn what_nobody_waits_for_is_not_begun() {
    let (begun, first_step) = begin(async { panic!("nobody waits for this") });
    drop(begun);
    first_step.take();
}

#[tokio::test]
async fn a_call_that_is_given_up_while_it_is_begun_is_dropped_by_the_thread() {
    let held = Arc::new(());
    let watched = Arc::downgrade(&held);
    let (begun, wait_for_begun) = mpsc::channel::<()>();
    let (told, wait_for_drop) = mpsc::channel::<()>();
    let (waiting, first_step) = begin(async move {
        let _held = held;
        begun.send(()).unwrap();
        wait_for_drop.recv().unwrap();
        pending::<()>().await;
    });
    let thread = on_a_thread(first_step);
    wait_for_begun.recv().unwrap();
    drop(waiting);
    assert!(watched.upgrade().is_some());
    told.send(()).unwrap();
    thread.join().unwrap();
    assert!(watched.upgrade().is_none());
}

#[tokio::test]
async fn a_panic_of_the_first_step_is_the_tasks() {
    let (begun, first_step) = begin(async { panic!("a bug in the call") });
    on_a_thread(first_step).join().unwrap();
    let panic = tokio::spawn(begun).await.unwrap_err().into_panic();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"a bug in the call"));
}
