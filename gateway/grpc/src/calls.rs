//! Each call: its request as a command, the command's reply as its response.

mod conditionals;
mod decisions;
mod messages;
mod migrations;
mod modifications;
mod resources;
mod signals;

use crate::job_messages::{ad_hoc_instruction, is_of_ad_hoc, job_message, listener_result};
use crate::messages as m;
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::FutureExt as _;
use prost::Message;
use ringbolt_api::pump::{Ended, Outlet, pump_poll, pump_stream};
use ringbolt_api::request::{CreateInstance, FailJobInput, JobChangesInput, JobsInput, Request};
use ringbolt_api::{ApiError, Broker, Gateway, PartitionHealth, PartitionRole, RINGBOLT_VERSION, Refusal};
use ringbolt_grpc::{Code, Status};
use ringbolt_record::Reply;
use ringbolt_record::command::{AwaitResult, JobUpdateKind, Resource, UpdateSemantics};
use ringbolt_record::reply::{ActivatedJob, DeploymentReply, JobBatch, ProcessInstanceReply};

/// Bytes of a message of activated jobs, beyond which the next job starts another one: clients take 4 MiB.
const ACTIVATION_MESSAGE_BYTES: usize = 3 * 1024 * 1024;

/// The calls of one core.
pub(crate) struct Calls<B: Broker> {
    pub(crate) gateway: Gateway<B>,
}

/// What a call's headers say that goes into its command.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CallContext {
    pub(crate) trace_id: u128,
}

impl<B: Broker> Calls<B> {
    fn submit(
        &self,
        context: CallContext,
        request: Result<Request, ApiError>,
    ) -> impl Future<Output = Result<Reply, Status>> + use<'_, B> {
        let asked = request.map(|mut request| {
            request.context.trace_id = context.trace_id;
            self.gateway.call(request)
        });
        async move { asked.map_err(status)?.await.map_err(status) }
    }

    /// A command without anything to answer.
    fn acknowledge(
        &self,
        context: CallContext,
        request: Result<Request, ApiError>,
    ) -> impl Future<Output = Result<(), Status>> + use<'_, B> {
        self.submit(context, request).map(|answered| match answered? {
            Reply::Done | Reply::VariablesSet { .. } => Ok(()),
            other => Err(unexpected(&other)),
        })
    }

    pub(crate) fn topology(&self) -> m::TopologyResponse {
        let topology = self.gateway.topology();
        let version = self.gateway.limits().level.camunda_version();
        let brokers = topology.brokers.iter().map(|broker| m::BrokerInfo {
            node_id: number(broker.node_id),
            host: broker.host.clone(),
            port: i32::from(broker.port),
            partitions: broker
                .partitions
                .iter()
                .map(|partition| m::Partition {
                    partition_id: i32::from(partition.partition_id.0),
                    role: match partition.role {
                        PartitionRole::Leader => m::PartitionBrokerRole::Leader,
                        PartitionRole::Follower => m::PartitionBrokerRole::Follower,
                        PartitionRole::Inactive => m::PartitionBrokerRole::Inactive,
                    }
                    .into(),
                    health: match partition.health {
                        PartitionHealth::Healthy => m::PartitionBrokerHealth::Healthy,
                        PartitionHealth::Unhealthy => m::PartitionBrokerHealth::Unhealthy,
                        PartitionHealth::Dead => m::PartitionBrokerHealth::Dead,
                    }
                    .into(),
                })
                .collect(),
            version: version.to_owned(),
        });
        m::TopologyResponse {
            brokers: brokers.collect(),
            cluster_size: number(topology.cluster_size),
            partitions_count: number(topology.partitions_count),
            replication_factor: number(topology.replication_factor),
            gateway_version: version.to_owned(),
            cluster_id: topology.cluster_id,
            ringbolt_version: RINGBOLT_VERSION.to_owned(),
        }
    }

    pub(crate) async fn deploy_resource(
        &self,
        context: CallContext,
        request: m::DeployResourceRequest,
    ) -> Result<m::DeployResourceResponse, Status> {
        let resources =
            request.resources.into_iter().map(|m::Resource { name, content }| Resource { name, content });
        let reply = self.deploy(context, resources.collect(), &request.tenant_id).await?;
        let DeploymentReply { deployment_key, tenant_id, .. } = &reply;
        Ok(m::DeployResourceResponse {
            key: deployment_key.to_wire(),
            tenant_id: tenant_id.clone(),
            deployments: processes(&reply)
                .map(m::Metadata::Process)
                .chain(decisions::deployed(&reply))
                .chain(resources::deployed(&reply))
                .map(|metadata| m::Deployment { metadata: Some(metadata) })
                .collect(),
        })
    }

    pub(crate) async fn deploy_process(
        &self,
        context: CallContext,
        request: m::DeployProcessRequest,
    ) -> Result<m::DeployProcessResponse, Status> {
        let resources = request
            .processes
            .into_iter()
            .map(|m::ProcessRequestObject { name, definition }| Resource { name, content: definition });
        let reply = self.deploy(context, resources.collect(), "").await?;
        Ok(m::DeployProcessResponse {
            key: reply.deployment_key.to_wire(),
            processes: processes(&reply).collect(),
        })
    }

    async fn deploy(
        &self,
        context: CallContext,
        resources: Vec<Resource>,
        tenant_id: &str,
    ) -> Result<DeploymentReply, Status> {
        match self.submit(context, self.gateway.mapper().deploy(resources, tenant_id)).await? {
            Reply::Deployed(reply) => Ok(reply),
            other => Err(unexpected(&other)),
        }
    }

    fn create(
        &self,
        request: m::CreateProcessInstanceRequest,
        await_result: Option<AwaitResult>,
        request_timeout_ms: i64,
    ) -> Result<Request, ApiError> {
        let mapper = self.gateway.mapper();
        let intent = if await_result.is_some() { "CREATE_WITH_AWAITING_RESULT" } else { "CREATE" };
        let terminate = request.runtime_instructions.into_iter().filter_map(|instruction| {
            let m::Instruction::Terminate(terminate) = instruction.instruction?;
            Some(terminate.after_element_id)
        });
        mapper.create_instance(CreateInstance {
            definition: mapper.definition(
                request.bpmn_process_id,
                request.version,
                request.process_definition_key,
                intent,
            )?,
            variables: mapper.variables(request.variables)?,
            start_element_ids: request.start_instructions.into_iter().map(|start| start.element_id).collect(),
            terminate_after_element_ids: terminate.collect(),
            tenant_id: request.tenant_id,
            tags: request.tags,
            business_id: request.business_id.unwrap_or_default(),
            await_result,
            request_timeout_ms,
            operation_reference: request.operation_reference.unwrap_or_default(),
        })
    }

    pub(crate) fn create_process_instance(
        &self,
        context: CallContext,
        request: m::CreateProcessInstanceRequest,
    ) -> impl Future<Output = Result<m::CreateProcessInstanceResponse, Status>> + use<'_, B> {
        self.submit(context, self.create(request, None, 0)).map(|answered| match answered? {
            Reply::ProcessInstanceCreated(instance) => Ok(m::CreateProcessInstanceResponse {
                process_definition_key: instance.process_definition_key.to_wire(),
                bpmn_process_id: instance.bpmn_process_id.to_string(),
                version: instance.version,
                process_instance_key: instance.process_instance_key.to_wire(),
                business_id: business_id(&instance),
                tenant_id: instance.tenant_id,
                tags: instance.tags,
            }),
            other => Err(unexpected(&other)),
        })
    }

    pub(crate) async fn create_process_instance_with_result(
        &self,
        context: CallContext,
        request: m::CreateProcessInstanceWithResultRequest,
    ) -> Result<m::CreateProcessInstanceWithResultResponse, Status> {
        let await_result = AwaitResult { fetch_variables: request.fetch_variables };
        let create = request.request.unwrap_or_default();
        match self.submit(context, self.create(create, Some(await_result), request.request_timeout)).await? {
            Reply::ProcessInstanceResult { instance, variables } => {
                Ok(m::CreateProcessInstanceWithResultResponse {
                    process_definition_key: instance.process_definition_key.to_wire(),
                    bpmn_process_id: instance.bpmn_process_id.to_string(),
                    version: instance.version,
                    process_instance_key: instance.process_instance_key.to_wire(),
                    variables,
                    business_id: business_id(&instance),
                    tenant_id: instance.tenant_id,
                    tags: instance.tags,
                })
            }
            other => Err(unexpected(&other)),
        }
    }

    pub(crate) async fn cancel_process_instance(
        &self,
        context: CallContext,
        request: m::CancelProcessInstanceRequest,
    ) -> Result<(), Status> {
        let operation_reference = request.operation_reference.unwrap_or_default();
        let request =
            self.gateway.mapper().cancel_instance(request.process_instance_key, operation_reference);
        self.acknowledge(context, Ok(request)).await
    }

    pub(crate) fn complete_job(
        &self,
        context: CallContext,
        request: m::CompleteJobRequest,
    ) -> impl Future<Output = Result<(), Status>> + use<'_, B> {
        let result = request.result.filter(|result| *result != m::JobResult::default());
        let (mapper, job_key) = (self.gateway.mapper(), request.job_key);
        let request = mapper.variables(request.variables).and_then(|variables| match result {
            Some(result) if is_of_ad_hoc(&result) => {
                mapper.complete_ad_hoc_job(job_key, variables, ad_hoc_instruction(&mapper, result)?)
            }
            Some(result) => Ok(mapper.complete_listener(job_key, variables, listener_result(result))),
            None => Ok(mapper.complete_job(job_key, variables)),
        });
        self.acknowledge(context, request)
    }

    pub(crate) async fn fail_job(
        &self,
        context: CallContext,
        request: m::FailJobRequest,
    ) -> Result<(), Status> {
        let mapper = self.gateway.mapper();
        let input = mapper.variables(request.variables).map(|variables| FailJobInput {
            job_key: request.job_key,
            retries: request.retries,
            retry_backoff_ms: request.retry_back_off,
            error_message: request.error_message,
            variables,
        });
        self.acknowledge(context, input.and_then(|input| mapper.fail_job(input))).await
    }

    pub(crate) async fn throw_error(
        &self,
        context: CallContext,
        request: m::ThrowErrorRequest,
    ) -> Result<(), Status> {
        let m::ThrowErrorRequest { job_key, error_code, error_message, variables } = request;
        let mapper = self.gateway.mapper();
        let request = mapper
            .variables(variables)
            .and_then(|variables| mapper.throw_job_error(job_key, error_code, error_message, variables));
        self.acknowledge(context, request).await
    }

    pub(crate) async fn update_job_retries(
        &self,
        context: CallContext,
        request: m::UpdateJobRetriesRequest,
    ) -> Result<(), Status> {
        let operation_reference = request.operation_reference.unwrap_or_default();
        let changes = JobChangesInput { retries: Some(request.retries), ..JobChangesInput::default() };
        let kind = JobUpdateKind::Retries;
        let request = self.gateway.mapper().update_job(request.job_key, kind, changes, operation_reference);
        self.acknowledge(context, Ok(request)).await
    }

    pub(crate) async fn update_job_timeout(
        &self,
        context: CallContext,
        request: m::UpdateJobTimeoutRequest,
    ) -> Result<(), Status> {
        let operation_reference = request.operation_reference.unwrap_or_default();
        let changes = JobChangesInput { timeout_ms: Some(request.timeout), ..JobChangesInput::default() };
        let kind = JobUpdateKind::Timeout;
        let request = self.gateway.mapper().update_job(request.job_key, kind, changes, operation_reference);
        self.acknowledge(context, Ok(request)).await
    }

    pub(crate) async fn set_variables(
        &self,
        context: CallContext,
        request: m::SetVariablesRequest,
    ) -> Result<m::SetVariablesResponse, Status> {
        let semantics = if request.local { UpdateSemantics::Local } else { UpdateSemantics::Propagate };
        let operation_reference = request.operation_reference.unwrap_or_default();
        let (mapper, key) = (self.gateway.mapper(), request.element_instance_key);
        let request = mapper
            .variables(request.variables)
            .map(|variables| mapper.set_variables(key, variables, semantics, operation_reference));
        match self.submit(context, request).await? {
            Reply::VariablesSet { key } => Ok(m::SetVariablesResponse { key: key.to_wire() }),
            other => Err(unexpected(&other)),
        }
    }

    pub(crate) async fn resolve_incident(
        &self,
        context: CallContext,
        request: m::ResolveIncidentRequest,
    ) -> Result<(), Status> {
        let operation_reference = request.operation_reference.unwrap_or_default();
        let request = self.gateway.mapper().resolve_incident(request.incident_key, operation_reference);
        self.acknowledge(context, Ok(request)).await
    }

    pub(crate) async fn activate_jobs(
        &self,
        request: m::ActivateJobsRequest,
        outlet: impl Outlet<JobBatch>,
    ) -> Result<(), Status> {
        check_tenant_filter("ActivateJobs", request.tenant_filter)?;
        let input = JobsInput {
            job_type: request.r#type,
            worker: request.worker,
            timeout_ms: request.timeout,
            fetch_variables: request.fetch_variable,
            tenant_ids: request.tenant_ids,
            with_leases: false,
        };
        let mapper = self.gateway.mapper();
        let (activate, long_poll) = mapper
            .activate_jobs(input, request.max_jobs_to_activate, request.request_timeout)
            .map_err(status)?;
        match pump_poll(self.gateway.poll_jobs(activate, long_poll), outlet).await {
            Ended::Closed | Ended::Finished => Ok(()),
            Ended::Refused(refusal) => Err(status(ApiError::refused("ACTIVATE", refusal))),
        }
    }

    pub(crate) async fn stream_activated_jobs(
        &self,
        request: m::StreamActivatedJobsRequest,
        outlet: impl Outlet<ActivatedJob>,
    ) -> Result<(), Status> {
        check_tenant_filter("StreamActivatedJobs", request.tenant_filter)?;
        let input = JobsInput {
            job_type: request.r#type,
            worker: request.worker,
            timeout_ms: request.timeout,
            fetch_variables: request.fetch_variable,
            tenant_ids: request.tenant_ids,
            with_leases: false,
        };
        let spec = self.gateway.mapper().job_stream(input).map_err(status)?;
        let stream = self.gateway.open_job_stream(spec).map_err(status)?;
        match pump_stream(stream, outlet).await {
            Ended::Closed => Ok(()),
            Ended::Finished => Err(status(ApiError::refused("STREAM", Refusal::ShuttingDown))),
            Ended::Refused(refusal) => Err(status(ApiError::refused("STREAM", refusal))),
        }
    }
}

/// With one tenant there are none assigned to anybody.
fn check_tenant_filter(call: &str, filter: i32) -> Result<(), Status> {
    if filter == m::TenantFilter::Assigned as i32 {
        return Err(Status::new(
            Code::InvalidArgument,
            format!(
                "Expected to handle gRPC request {call} with ASSIGNED tenant filter, but multi-tenancy is disabled"
            ),
        ));
    }
    Ok(())
}

/// The status of an error.
pub(crate) fn status(error: ApiError) -> Status {
    Status::new(Code::from_number(usize::from(error.kind.grpc_code())), error.message)
}

fn unexpected(reply: &Reply) -> Status {
    status(ApiError::unexpected(reply))
}

fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn business_id(instance: &ProcessInstanceReply) -> Option<String> {
    (!instance.business_id.is_empty()).then(|| instance.business_id.clone())
}

fn processes(reply: &DeploymentReply) -> impl Iterator<Item = m::ProcessMetadata> {
    reply.processes.iter().map(|process| m::ProcessMetadata {
        bpmn_process_id: process.bpmn_process_id.clone(),
        version: process.version,
        process_definition_key: process.process_definition_key.to_wire(),
        resource_name: process.resource_name.clone(),
        tenant_id: reply.tenant_id.clone(),
    })
}

/// A batch as messages with their prefixes, each of at most [`ACTIVATION_MESSAGE_BYTES`] or one job, in one piece: it is
/// handed over, or not, as a whole.
pub(crate) fn batch_frames(batch: JobBatch) -> Bytes {
    let mut frames = BytesMut::new();
    let mut message = m::ActivateJobsResponse { jobs: Vec::with_capacity(batch.jobs.len()) };
    let mut bytes = 0;
    for job in batch.jobs {
        let job = job_message(job);
        let job_bytes = job.encoded_len();
        if !message.jobs.is_empty() && bytes + job_bytes > ACTIVATION_MESSAGE_BYTES {
            put_frame(&mut frames, &message);
            message.jobs.clear();
            bytes = 0;
        }
        bytes += job_bytes;
        message.jobs.push(job);
    }
    put_frame(&mut frames, &message);
    frames.freeze()
}

fn put_frame(frames: &mut BytesMut, message: &impl Message) {
    const NOT_COMPRESSED: u8 = 0;
    const PREFIX_BYTES: usize = 5;
    let bytes = message.encoded_len();
    frames.reserve(PREFIX_BYTES + bytes);
    frames.put_u8(NOT_COMPRESSED);
    frames.put_u32(u32::try_from(bytes).expect("an activation is bounded far below 4 GiB"));
    message.encode_raw(frames);
}
