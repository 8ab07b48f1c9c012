//! A proxy between a server and its stores that fails as networks do.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;

/// Forwards connections to a server on this machine, until a [`Weather`] is set.
pub struct Proxy {
    address: SocketAddr,
    network: Arc<Network>,
}

/// The state of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// Connections work.
    Fair,
    /// Connections are accepted and closed at once: there is a proxy with nothing behind it.
    Closed,
    /// Half of the next answer arrives, then the connection ends.
    HalfAnswers,
    /// Each piece of an answer is delayed by this time.
    Slow(Duration),
}

struct Network {
    weather: Mutex<Weather>,
    open: Mutex<Vec<Connection>>,
    questions: AtomicUsize,
}

/// Both ends of a connection.
struct Connection {
    ends: [TcpStream; 2],
    /// Whether data is acknowledged but never arrives.
    silent: Arc<AtomicBool>,
}

impl Proxy {
    /// Listens on a free loopback port, and forwards to the loopback port `to`.
    ///
    /// # Errors
    ///
    /// If no port is free.
    pub fn start(to: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let network = Arc::new(Network {
            weather: Mutex::new(Weather::Fair),
            open: Mutex::default(),
            questions: AtomicUsize::new(0),
        });
        let behind = Arc::clone(&network);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if behind.weather() != Weather::Closed {
                    // If the server is down, this closes the connection, as a real proxy would.
                    let _ = behind.pass_on(client, to);
                }
            }
        });
        Ok(Self { address, network })
    }

    /// Returns the port on which it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Returns how many pieces clients have sent so far, each in one write.
    #[must_use]
    pub fn questions(&self) -> usize {
        self.network.questions.load(Ordering::SeqCst)
    }

    /// Sets the state of the network from now on. [`Weather::Closed`] also closes the open connections.
    pub fn set(&self, weather: Weather) {
        *self.network.weather.lock().unwrap_or_else(PoisonError::into_inner) = weather;
        if weather == Weather::Closed {
            self.network.each_open(|connection| {
                for end in &connection.ends {
                    let _ = end.shutdown(Shutdown::Both);
                }
            });
        }
    }

    /// Silently drops all further data on the open connections, as when a firewall forgets them or an address moves to another machine.
    /// Later connections work. Returns how many fell silent.
    pub fn silence(&self) -> usize {
        let mut silenced = 0;
        self.network.each_open(|connection| {
            silenced += usize::from(!connection.silent.swap(true, Ordering::SeqCst));
        });
        silenced
    }
}

impl Network {
    fn weather(&self) -> Weather {
        *self.weather.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn each_open(&self, each: impl FnMut(&Connection)) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(each);
    }

    fn pass_on(self: &Arc<Self>, client: TcpStream, to: u16) -> io::Result<()> {
        let server = TcpStream::connect((Ipv4Addr::LOCALHOST, to))?;
        let silent = Arc::new(AtomicBool::new(false));
        for end in [&client, &server] {
            end.set_nodelay(true)?;
        }
        for (from, to, answers) in [(&client, &server, false), (&server, &client, true)] {
            let (from, to) = (from.try_clone()?, to.try_clone()?);
            let (network, silent) = (Arc::clone(self), Arc::clone(&silent));
            thread::spawn(move || {
                let _ = network.pump(&from, &to, answers, &silent);
                if !silent.load(Ordering::SeqCst) {
                    let _ = from.shutdown(Shutdown::Both);
                    let _ = to.shutdown(Shutdown::Both);
                }
            });
        }
        let connection = Connection { ends: [client, server], silent };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|connection| connection.ends[0].peer_addr().is_ok());
        open.push(connection);
        Ok(())
    }

    /// Copies data until one end closes or the weather ends the connection.
    fn pump(&self, mut from: &TcpStream, mut to: &TcpStream, answers: bool, silent: &AtomicBool) -> io::Result<()> {
        let mut bytes = [0; 16_384];
        loop {
            let length = from.read(&mut bytes)?;
            if length == 0 {
                return Ok(());
            }
            if !answers {
                self.questions.fetch_add(1, Ordering::SeqCst);
            }
            let weather = self.weather();
            if answers && let Weather::Slow(by) = weather {
                thread::sleep(by);
            }
            if silent.load(Ordering::SeqCst) {
                continue;
            }
            if answers && weather == Weather::HalfAnswers {
                return to.write_all(&bytes[..length.div_ceil(2)]);
            }
            to.write_all(&bytes[..length])?;
        }
    }
}
