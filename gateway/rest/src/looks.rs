//! What is looked up in secondary storage.

use crate::answer::Answer;
use crate::problem::Problem;
use crate::rest::{Head, Rest};
use bytes::Bytes;
use ringbolt_api::Broker;
use ringbolt_api::call::Parameters;
use ringbolt_api::operation::{Operation, PrepareLook};
use ringbolt_api::position::{COMPLETE_SINCE, positions_of};
use ringbolt_api::search::Look;
use ringbolt_api::time::time_text;
use std::future::Future;
use std::pin::Pin;

/// How often what several partitions tell together is read before it is said that it is not there yet.
const JOINED_TRIES: u32 = 5;

/// What is being looked up.
type Looking<'a, S> = Pin<Box<dyn Future<Output = Result<Answer<S>, Problem>> + 'a>>;

impl<B: Broker> Rest<B> {
    /// Looks up what several partitions tell together: all that each has committed is waited for, and again if one has ended meanwhile.
    pub(crate) async fn joined(
        &self,
        prepare: PrepareLook,
        operation: &'static Operation,
        parameters: &Parameters<'_>,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        let mut tries = 1;
        loop {
            let look = prepare(&mut self.call(operation, parameters, head, body.clone())?, operation)?;
            self.gateway.all_visible().await?;
            match self.look(operation, head, look).await {
                Err(problem) if problem.is_torn && tries < JOINED_TRIES => tries += 1,
                done => return done,
            }
        }
    }

    /// Looks something up, once all that the client names can be found. In a box: commands need not have room for it.
    pub(crate) fn look<'a>(
        &'a self,
        operation: &'static Operation,
        head: Head<'a>,
        look: Look,
    ) -> Looking<'a, B::JobStream> {
        Box::pin(self.look_up(operation, head, look))
    }

    async fn look_up(
        &self,
        operation: &'static Operation,
        head: Head<'_>,
        look: Look,
    ) -> Result<Answer<B::JobStream>, Problem> {
        if let Some(text) = head.position {
            self.gateway.visible(positions_of(text)?).await?;
        }
        // What was read may be less than is there, although all is when it has been read.
        let incomplete = self.gateway.incomplete();
        let found = self.gateway.look(look).await;
        let complete_since = self.gateway.complete_since().and_then(time_text);
        let complete_since = complete_since.map(|since| (COMPLETE_SINCE, since));
        let incomplete = incomplete.or_else(|| self.gateway.incomplete());
        let incomplete = incomplete.map(String::into_boxed_str);
        match found {
            Ok(Some(document)) => {
                Ok(Answer { extra: complete_since, incomplete, ..self.written(operation, document) })
            }
            Ok(None) => Ok(Answer { extra: complete_since, incomplete, ..Answer::no_content() }),
            Err(error) => {
                let problem = Problem::from(error);
                let extra = problem.extra.or(complete_since);
                Err(Problem { extra, incomplete, ..problem })
            }
        }
    }
}
