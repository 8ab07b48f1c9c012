//! Reads HTTP/1.1 answers with a content length.

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Reads one answer after another from a connection.
#[derive(Default)]
pub(crate) struct Reader {
    buffer: Vec<u8>,
}

impl Reader {
    /// Reads the next answer completely, and returns its status.
    pub(crate) async fn read(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> Result<u16> {
        let mut whole = None;
        loop {
            if whole.is_none() {
                whole = length(&self.buffer)?;
            }
            if let Some((status, length)) = whole
                && self.buffer.len() >= length
            {
                self.buffer.drain(..length);
                return Ok(status);
            }
            if stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the server closed the connection");
            }
        }
    }
}

/// Returns status and length of the answer at the start of the bytes, if its head is complete.
fn length(bytes: &[u8]) -> Result<Option<(u16, usize)>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&bytes[..end]).context("the head is no text")?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("there is no status line")?.parse()?;
    let mut body = if status == 204 { Some(0) } else { None };
    for line in lines {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            body = Some(value.trim().parse()?);
        }
    }
    let body: usize = body.with_context(|| format!("the answer does not say its length: {head}"))?;
    Ok(Some((status, end + 4 + body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_are_told_apart_wherever_they_are_cut() {
        let first = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".as_bytes();
        let second = b"HTTP/1.1 204 No Content\r\n\r\n";
        for cut in 0..first.len() {
            let (start, end) = first.split_at(cut);
            let mut stream = start.chain(end).chain(&second[..]);
            let mut reader = Reader::default();
            assert_eq!(reader.read(&mut stream).await.unwrap(), 200);
            assert_eq!(reader.read(&mut stream).await.unwrap(), 204);
            assert!(reader.read(&mut stream).await.is_err());
        }
    }

    #[test]
    fn an_answer_without_its_length_is_an_error() {
        assert!(length(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(length(b"HTTP/1.1 200 OK\r\n").unwrap().is_none());
    }
}
