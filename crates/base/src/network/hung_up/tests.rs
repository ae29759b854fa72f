use super::hung_up;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

/// More than a socket holds, so that the readiness to write goes away and comes back.
const MUCH: usize = 4 << 20;

#[tokio::test]
async fn half_of_a_connection_is_not_its_end() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let ((mut from_us, to_us), (ours_in, mut ours_out)) = (theirs.into_split(), ours.into_split());
    // They send no more.
    drop(to_us);
    assert_eq!(ours_in.as_ref().readable().await.map(|()| ours_in.try_read(&mut [0; 1]).unwrap()).unwrap(), 0);
    let exchange = async {
        let text = vec![b'x'; MUCH];
        let write = async { ours_out.write_all(&text).await.unwrap() };
        let mut received = vec![0; MUCH];
        tokio::join!(write, async { from_us.read_exact(&mut received).await.unwrap() });
    };
    tokio::select! {
        biased;
        () = hung_up(ours_in.as_ref()) => panic!("they still read"),
        () = exchange => {}
    }
    let (gone, ()) = tokio::join!(hung_up(ours_in.as_ref()), async { drop(from_us) });
    assert_eq!(gone, ());
}
