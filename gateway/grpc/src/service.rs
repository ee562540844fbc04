//! Registers the calls with a router.

use crate::calls::{CallContext, Calls, batch_frames, status};
use crate::job_messages::job_message;
use crate::messages as m;
use ringbolt_api::pump::Outlet;
use ringbolt_api::trace::trace_id;
use ringbolt_api::{Broker, Failed, Failure, Gateway, Limits, Protocol};
use ringbolt_grpc::{Caller, Context, GrpcLimits, Router, StreamSender};
use ringbolt_record::reply::{ActivatedJob, JobBatch};
use std::future::ready;
use std::rc::Rc;

/// The service's name, which clients also ask the health service about.
pub const GATEWAY_SERVICE: &str = "gateway_protocol.Gateway";

/// The bounds of a router for these calls.
pub fn grpc_limits(limits: &Limits) -> GrpcLimits {
    GrpcLimits {
        message_bytes_max: limits.deployment_request_bytes_max().max(limits.request_bytes_max()),
        message_time_max: limits.body_timeout,
        stream_messages_max: limits.stream_frames_max,
        ..GrpcLimits::default()
    }
}

/// Adds the gateway's calls to a router.
pub fn register<B: Broker>(router: &mut Router, broker: B, limits: Rc<Limits>) {
    let calls = Rc::new(Calls { gateway: Gateway::new(broker, limits, Protocol::Grpc) });
    let this = calls.clone();
    router.on_failed(move |path, status, id| {
        if let Some(failure) = Failure::of_grpc(status.code as u8) {
            this.gateway.failed(&Failed { failure, method: "POST", path, id });
        }
    });
    // A call, and the command's name on the wire if it starts new work, which is refused first when there is too much.
    macro_rules! unary {
        ($path:literal, $method:ident $(, starts $intent:literal)?) => {{
            const PATH: &str = concat!("/gateway_protocol.Gateway/", $path);
            let this = calls.clone();
            router.unary(PATH, move |request, context: Context| {
                let this = this.clone();
                async move {
                    $(this.gateway.new_work_turn($intent).await.map_err(status)?;)?
                    this.gateway.request_received();
                    this.$method(of(&context), request).await
                }
            });
            $(
                let this = calls.clone();
                router.shed(PATH, move || this.gateway.shed_new_work($intent).map_err(status));
                let this = calls.clone();
                router.guard(PATH, move || this.gateway.admit_new_work($intent).map_err(status));
            )?
        }};
    }
    let this = calls.clone();
    router.unary("/gateway_protocol.Gateway/Topology", move |_: m::TopologyRequest, _| {
        ready(Ok(this.topology()))
    });
    unary!("DeployResource", deploy_resource, starts "CREATE");
    unary!("DeployProcess", deploy_process, starts "CREATE");
    unary!("CreateProcessInstance", create_process_instance, starts "CREATE");
    unary!("CreateProcessInstanceWithResult", create_process_instance_with_result, starts "CREATE");
    unary!("EvaluateDecision", evaluate_decision, starts "EVALUATE");
    unary!("DeleteResource", delete_resource);
    unary!("CancelProcessInstance", cancel_process_instance);
    unary!("ModifyProcessInstance", modify_process_instance);
    unary!("MigrateProcessInstance", migrate_process_instance);
    unary!("CompleteJob", complete_job);
    unary!("FailJob", fail_job);
    unary!("ThrowError", throw_error);
    unary!("UpdateJobRetries", update_job_retries);
    unary!("UpdateJobTimeout", update_job_timeout);
    unary!("PublishMessage", publish_message, starts "PUBLISH");
    unary!("BroadcastSignal", broadcast_signal, starts "BROADCAST");
    unary!("EvaluateConditional", evaluate_conditional, starts "EVALUATE");
    unary!("SetVariables", set_variables);
    unary!("ResolveIncident", resolve_incident);
    let this = calls.clone();
    router.streaming(
        "/gateway_protocol.Gateway/ActivateJobs",
        move |request, context, sender: StreamSender<m::ActivateJobsResponse>| {
            let this = this.clone();
            let outgoing = Polling { sender, caller: context.caller() };
            async move { this.activate_jobs(request, outgoing).await }
        },
    );
    router.streaming(
        "/gateway_protocol.Gateway/StreamActivatedJobs",
        move |request, _, sender: StreamSender<m::ActivatedJob>| {
            let this = calls.clone();
            sender.watch();
            async move { this.stream_activated_jobs(request, Outgoing(sender)).await }
        },
    );
}

fn of(context: &Context) -> CallContext {
    let traceparent = context.metadata.get("traceparent");
    CallContext { trace_id: traceparent.map_or(0, |value| trace_id(value.as_bytes())) }
}

/// A server stream as the pumps see it.
struct Outgoing<M>(StreamSender<M>);

impl Outlet<ActivatedJob> for Outgoing<m::ActivatedJob> {
    fn try_send(&self, job: ActivatedJob) -> Option<u64> {
        self.0.try_send(&job_message(job)).ok()
    }
    fn room(&self) -> usize {
        self.0.room()
    }
    fn handed_over(&self) -> u64 {
        self.0.handed_over()
    }
    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
    async fn changed(&self, seen: u64) -> u64 {
        self.0.changed(seen).await
    }
    fn take_back(&self) {
        self.0.take_back();
    }
    fn held(&self) -> u64 {
        self.0.held()
    }
    async fn let_go(&self) {
        self.0.let_go().await;
    }
}

/// The client of a poll, as the pump sees it.
struct Polling {
    sender: StreamSender<m::ActivateJobsResponse>,
    caller: Caller,
}

impl Outlet<JobBatch> for Polling {
    fn try_send(&self, batch: JobBatch) -> Option<u64> {
        self.sender.try_send_encoded(batch_frames(batch)).ok()
    }
    fn room(&self) -> usize {
        self.sender.room()
    }
    fn handed_over(&self) -> u64 {
        self.sender.handed_over()
    }
    fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }
    async fn changed(&self, seen: u64) -> u64 {
        self.sender.changed(seen).await
    }
    fn take_back(&self) {
        self.sender.take_back();
    }
    async fn settled(&self) {
        self.caller.settled().await;
    }
}
