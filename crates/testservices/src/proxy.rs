//! A network between a server and its stores, which fails as networks do.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;

/// Passes connections on to a server of this machine, until it is told to do otherwise.
pub struct Proxy {
    address: SocketAddr,
    network: Arc<Network>,
}

/// What happens to connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// They work.
    Fair,
    /// They are accepted and closed at once: the proxy is there, and nothing behind it.
    Closed,
    /// Half of the next answer arrives, and the connection ends.
    HalfAnswers,
    /// Each piece of an answer comes later by so much.
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
    /// What is sent over it is acknowledged and never arrives.
    silent: Arc<AtomicBool>,
}

impl Proxy {
    /// Listens on a free port of the loopback interface, and passes on to this port of it.
    ///
    /// # Errors
    ///
    /// When no port is free.
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
                    // A server that is away closes the connection, as a proxy in front of it does.
                    let _ = behind.pass_on(client, to);
                }
            }
        });
        Ok(Self { address, network })
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many pieces clients have sent so far, each in one write.
    #[must_use]
    pub fn questions(&self) -> usize {
        self.network.questions.load(Ordering::SeqCst)
    }

    /// From now on; connections that are open are closed when they would not be accepted any more.
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

    /// What is sent over the connections that are open goes nowhere from now on, and neither end is told: as when a firewall
    /// forgets them, or an address moves to another machine. Connections made afterwards work. Gives how many fell silent.
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

    /// Until one of the ends closes, or the connection is to end.
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
