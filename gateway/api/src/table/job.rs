//! Operations: job.

use crate::objects::job::{
    JOB_ACTIVATION_REQUEST, JOB_ACTIVATION_RESULT, JOB_BATCH_UPDATE_REQUEST, JOB_COMPLETION_REQUEST,
    JOB_ERROR_REQUEST, JOB_FAIL_REQUEST, JOB_UPDATE_REQUEST,
};
use crate::objects::job_search::{
    GLOBAL_JOB_STATISTICS_QUERY_RESULT, JOB_ERROR_STATISTICS_QUERY, JOB_ERROR_STATISTICS_QUERY_RESULT,
    JOB_SEARCH_QUERY, JOB_SEARCH_QUERY_RESULT, JOB_TIME_SERIES_STATISTICS_QUERY,
    JOB_TIME_SERIES_STATISTICS_QUERY_RESULT, JOB_TYPE_STATISTICS_QUERY, JOB_TYPE_STATISTICS_QUERY_RESULT,
    JOB_WORKER_STATISTICS_QUERY, JOB_WORKER_STATISTICS_QUERY_RESULT,
};
use crate::objects::shared::BATCH_OPERATION_CREATED_RESULT;
use crate::operation::{Group, Method, Version, empty, json, op, path, query, query_required};
use crate::schema::Schema;
use crate::schema::kinds::{DATE_TIME, KEY, TEXT};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Job",
    operations: &[
        op("activateJobs", Method::Post, "/jobs/activation", Version::V8_6)
            .json(Schema::Object(&JOB_ACTIVATION_REQUEST))
            .gives(&[json(200, Schema::Object(&JOB_ACTIVATION_RESULT))])
            .errors(&[400, 401, 500, 503]),
        op("updateJobsBatchOperation", Method::Post, "/jobs/batch-update", Version::V8_10)
            .json(Schema::Object(&JOB_BATCH_UPDATE_REQUEST))
            .gives(&[json(200, Schema::Object(&BATCH_OPERATION_CREATED_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("searchJobs", Method::Post, "/jobs/search", Version::V8_8)
            .json_or_nothing(Schema::Object(&JOB_SEARCH_QUERY))
            .gives(&[json(200, Schema::Object(&JOB_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getJobTypeStatistics", Method::Post, "/jobs/statistics/by-types", Version::V8_9)
            .json(Schema::Object(&JOB_TYPE_STATISTICS_QUERY))
            .gives(&[json(200, Schema::Object(&JOB_TYPE_STATISTICS_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getJobWorkerStatistics", Method::Post, "/jobs/statistics/by-workers", Version::V8_9)
            .json(Schema::Object(&JOB_WORKER_STATISTICS_QUERY))
            .gives(&[json(200, Schema::Object(&JOB_WORKER_STATISTICS_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getJobErrorStatistics", Method::Post, "/jobs/statistics/errors", Version::V8_9)
            .json(Schema::Object(&JOB_ERROR_STATISTICS_QUERY))
            .gives(&[json(200, Schema::Object(&JOB_ERROR_STATISTICS_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getGlobalJobStatistics", Method::Get, "/jobs/statistics/global", Version::V8_9)
            .takes(&[
                query_required("from", DATE_TIME),
                query_required("to", DATE_TIME),
                query("jobType", TEXT),
            ])
            .gives(&[json(200, Schema::Object(&GLOBAL_JOB_STATISTICS_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getJobTimeSeriesStatistics", Method::Post, "/jobs/statistics/time-series", Version::V8_9)
            .json(Schema::Object(&JOB_TIME_SERIES_STATISTICS_QUERY))
            .gives(&[json(200, Schema::Object(&JOB_TIME_SERIES_STATISTICS_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("updateJob", Method::Patch, "/jobs/{jobKey}", Version::V8_6)
            .takes(&[path("jobKey", KEY)])
            .json(Schema::Object(&JOB_UPDATE_REQUEST))
            .gives(&[empty(204)])
            .errors(&[400, 404, 409, 500, 503]),
        op("completeJob", Method::Post, "/jobs/{jobKey}/completion", Version::V8_6)
            .takes(&[path("jobKey", KEY)])
            .json_or_nothing(Schema::Object(&JOB_COMPLETION_REQUEST))
            .gives(&[empty(204)])
            .errors(&[400, 404, 409, 500, 503]),
        op("throwJobError", Method::Post, "/jobs/{jobKey}/error", Version::V8_6)
            .takes(&[path("jobKey", KEY)])
            .json(Schema::Object(&JOB_ERROR_REQUEST))
            .gives(&[empty(204)])
            .errors(&[400, 404, 409, 500, 503]),
        op("failJob", Method::Post, "/jobs/{jobKey}/failure", Version::V8_6)
            .takes(&[path("jobKey", KEY)])
            .json_or_nothing(Schema::Object(&JOB_FAIL_REQUEST))
            .gives(&[empty(204)])
            .errors(&[400, 404, 409, 500, 503]),
    ],
};
