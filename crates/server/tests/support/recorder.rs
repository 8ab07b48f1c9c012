//! A recorder between server and gateway, so that a test knows the platform's tokens.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, tcp},
};

#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Vec<u8>>>);

impl Recorder {
    /// Listens on a free port and forwards everything to `target`.
    pub(crate) async fn start(target: SocketAddr) -> (Self, SocketAddr) {
        let recorder = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepting = recorder.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (near_read, near_write) = near.into_split();
                let (far_read, far_write) = TcpStream::connect(target).await.unwrap().into_split();
                tokio::spawn(accepting.clone().pass(near_read, far_write));
                tokio::spawn(accepting.clone().pass(far_read, near_write));
            }
        });
        (recorder, address)
    }

    async fn pass(self, mut from: tcp::OwnedReadHalf, mut to: tcp::OwnedWriteHalf) {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            self.0.lock().unwrap().extend_from_slice(&buffer[..length]);
            if to.write_all(&buffer[..length]).await.is_err() {
                break;
            }
        }
    }

    /// Returns everything that was sent.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    /// Returns the sent values with a JSON name.
    pub(crate) fn values(&self, name: &str) -> Vec<String> {
        let seen = self.text();
        let start = format!("\"{name}\":\"");
        seen.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
    }
}
