//! One HTTP/1.1 connection: a request, its answer, the next request.

use std::io;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Run, bad};
use crate::service::REPLY;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";

/// Whether `answer` is a whole answer: a head with status 200, and the body.
fn is_complete(answer: &[u8]) -> io::Result<bool> {
    if answer.len() >= 12 && !answer.starts_with(b"HTTP/1.1 200") {
        return Err(bad("not an answer of status 200"));
    }
    // The body has no empty line in it, so the first one ends the head.
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(false) };
    let body = &answer[end + 4..];
    if body.len() > REPLY.len() || !REPLY.starts_with(body) {
        return Err(bad("another body"));
    }
    Ok(body.len() == REPLY.len())
}

pub(super) async fn connection(mut stream: TcpStream, run: &Run) -> io::Result<()> {
    let mut buffer = [0; 1024];
    while !run.stopping.get() {
        let sent = Instant::now();
        stream.write_all(REQUEST).await?;
        let mut length = 0;
        loop {
            let count = stream.read(&mut buffer[length..]).await?;
            if count == 0 {
                return Err(bad("the connection ended early"));
            }
            length += count;
            if is_complete(&buffer[..length])? {
                break;
            }
        }
        run.done(sent);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_complete;
    use crate::service::REPLY;

    #[test]
    fn an_answer_is_complete_with_its_last_byte() {
        let mut answer = b"HTTP/1.1 200 OK\r\ncontent-length: 64\r\n\r\n".to_vec();
        answer.extend_from_slice(REPLY);
        for end in 0..answer.len() {
            assert!(!is_complete(&answer[..end]).expect("a sound answer"), "{end} bytes");
        }
        assert!(is_complete(&answer).expect("a sound answer"));
        answer.push(b'x');
        assert!(is_complete(&answer).is_err());
        assert!(is_complete(b"HTTP/1.1 404 Not Found\r\n\r\n").is_err());
    }
}
