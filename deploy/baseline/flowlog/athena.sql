-- Run the two statements one after the other.
--
-- 1. Once: the table. Put your bucket in the place of amzn-s3-demo-bucket, and your account, regions and first day in their places.
--    The columns are those of a flow log with all fields of versions 2 to 5, in the order of AWS's documentation. A log in
--    the default format has the first 14, and the rest stays empty. For another format, write the columns in its order.
CREATE EXTERNAL TABLE IF NOT EXISTS vpc_flow_logs (
  version int, account_id string, interface_id string, srcaddr string, dstaddr string, srcport int, dstport int,
  protocol bigint, packets bigint, bytes bigint, start bigint, `end` bigint, action string, log_status string,
  vpc_id string, subnet_id string, instance_id string, tcp_flags int, type string, pkt_srcaddr string,
  pkt_dstaddr string, az_id string, sublocation_type string, sublocation_id string, pkt_src_aws_service string,
  pkt_dst_aws_service string, flow_direction string, traffic_path int)
PARTITIONED BY (accid string, region string, day string)
ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
LOCATION 's3://amzn-s3-demo-bucket/AWSLogs/'
TBLPROPERTIES (
  'skip.header.line.count' = '1',
  'projection.enabled' = 'true',
  'projection.accid.type' = 'enum', 'projection.accid.values' = '111122223333',
  'projection.region.type' = 'enum', 'projection.region.values' = 'us-east-1',
  'projection.day.type' = 'date', 'projection.day.range' = '2026/01/01,NOW', 'projection.day.format' = 'yyyy/MM/dd',
  'storage.location.template' = 's3://amzn-s3-demo-bucket/AWSLogs/${accid}/vpcflowlogs/${region}/${day}');

-- 2. The records, a row for each kind of traffic and day. Where a row says who opened the connection, the port of that
--    end is {left-out}: such ports differ with each connection. Save the result as CSV and give it to lint --flow-logs.
SELECT interface_id, srcaddr, dstaddr, pkt_srcaddr, pkt_dstaddr,
       CASE opener WHEN 'source' THEN {left-out} ELSE srcport END AS srcport,
       CASE opener WHEN 'target' THEN {left-out} ELSE dstport END AS dstport,
       protocol, flow_direction, action, log_status, min(start) AS start, max("end") AS "end"
FROM (
  SELECT *,
         CASE WHEN protocol <> 6 OR srcport = dstport THEN 'unknown'
              WHEN bitwise_and(coalesce(tcp_flags, 0), 18) = 18 THEN 'target'
              WHEN bitwise_and(coalesce(tcp_flags, 0), 18) = 2 THEN 'source'
              WHEN dstport BETWEEN 1 AND {services} AND dstport <> {ftp} AND srcport >= {callers} THEN 'source'
              WHEN srcport BETWEEN 1 AND {services} AND srcport <> {ftp} AND dstport >= {callers} THEN 'target'
              ELSE 'unknown' END AS opener
  FROM vpc_flow_logs
  WHERE accid = '111122223333' AND region = 'us-east-1' AND day BETWEEN '{from}' AND '{to}')
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, day;
