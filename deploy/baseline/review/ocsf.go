package review

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/overview"
	"github.com/sgwarden/sgwarden/deploy/baseline/review/reverts"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// ocsfVersion is the version of the Open Cybersecurity Schema Framework that the events
// keep to (https://schema.ocsf.io/1.3.0): the first in which a Compliance Finding has
// resources. Each event also has what earlier versions require, such as a title and the
// vendor's name.
const ocsfVersion = "1.3.0"

// The classes and their numbers: type_uid is class_uid * 100 + activity_id (OCSF,
// "Understanding OCSF", Classification).
const (
	findings          = 2 // category_uid
	complianceFinding = 2003
	detectionFinding  = 2004
	create            = 1 // activity_id
)

// The values of enumerations (schema.ocsf.io/1.3.0).
const (
	informational, medium, high = 1, 3, 4 // severity_id
	pass, warning, fail         = 1, 2, 3 // compliance.status_id
	statusNew, statusResolved   = 1, 4    // status_id of a finding
	awsAccount                  = 10      // account.type_id
)

// event is one event. Times are milliseconds since 1970 (OCSF, timestamp_t).
type event struct {
	ActivityID   int            `json:"activity_id"`
	ActivityName string         `json:"activity_name"`
	CategoryUID  int            `json:"category_uid"`
	CategoryName string         `json:"category_name"`
	ClassUID     int            `json:"class_uid"`
	ClassName    string         `json:"class_name"`
	TypeUID      int            `json:"type_uid"`
	TypeName     string         `json:"type_name"`
	Time         int64          `json:"time"`
	SeverityID   int            `json:"severity_id"`
	Severity     string         `json:"severity"`
	StatusID     int            `json:"status_id"`
	Status       string         `json:"status"`
	Message      string         `json:"message"`
	Metadata     metadata       `json:"metadata"`
	Cloud        cloud          `json:"cloud"`
	FindingInfo  findingInfo    `json:"finding_info"`
	Compliance   *compliance    `json:"compliance,omitempty"`
	Resources    []resource     `json:"resources"`
	Evidences    []evidence     `json:"evidences,omitempty"`
	Remediation  *remediation   `json:"remediation,omitempty"`
	Unmapped     map[string]any `json:"unmapped,omitempty"`
}

type (
	metadata struct {
		Version  string   `json:"version"`
		Product  product  `json:"product"`
		Profiles []string `json:"profiles"`
		UID      string   `json:"uid"`
	}
	product struct {
		Name       string `json:"name"`
		VendorName string `json:"vendor_name"`
		Version    string `json:"version,omitempty"`
	}
	cloud struct {
		Provider string       `json:"provider"`
		Region   string       `json:"region"`
		Account  cloudAccount `json:"account"`
	}
	cloudAccount struct {
		UID    string `json:"uid"`
		Name   string `json:"name,omitempty"`
		Type   string `json:"type"`
		TypeID int    `json:"type_id"`
	}
	findingInfo struct {
		UID           string   `json:"uid"`
		Title         string   `json:"title"`
		Desc          string   `json:"desc"`
		Types         []string `json:"types"`
		CreatedTime   int64    `json:"created_time"`
		FirstSeenTime int64    `json:"first_seen_time,omitempty"`
	}
	compliance struct {
		Standards    []string `json:"standards"`
		Control      string   `json:"control"`
		Requirements []string `json:"requirements"`
		StatusID     int      `json:"status_id"`
		Status       string   `json:"status"`
		StatusDetail string   `json:"status_detail,omitempty"`
	}
	resource struct {
		UID    string `json:"uid"`
		Name   string `json:"name,omitempty"`
		Type   string `json:"type"`
		Region string `json:"region"`
	}
	evidence struct {
		Actor *actor `json:"actor,omitempty"`
		API   *api   `json:"api,omitempty"`
	}
	actor struct {
		User user `json:"user"`
	}
	user struct {
		UID string `json:"uid"`
	}
	api struct {
		Operation string   `json:"operation"`
		Request   *request `json:"request,omitempty"`
	}
	request struct {
		UID string `json:"uid"`
	}
	remediation struct {
		Desc string `json:"desc"`
	}
)

// OCSF writes the review as events, one a line of JSON. Each group is a Compliance Finding
// that passes, each rule that differs one that fails, and a group without a baseline, or
// with one that can't be used, one that could not be checked. Each revert is a Detection
// Finding that is resolved.
func (r *Review) OCSF(w io.Writer, version string) error {
	out := json.NewEncoder(w)
	for _, e := range r.events(version) {
		if err := out.Encode(e); err != nil {
			return fmt.Errorf("write the OCSF events: %w", err)
		}
	}
	return nil
}

func (r *Review) events(version string) []event {
	var all []event
	for _, g := range r.Groups {
		all = append(all, r.checked(g, version)...)
	}
	for _, e := range r.Reverts.Events {
		all = append(all, r.detected(e, version))
	}
	for _, remark := range r.remarks() {
		all = append(all, r.remarked(remark, version))
	}
	return all
}

// newEvent fills in what all events have. about are what makes the finding the same one in
// the next review.
func (r *Review) newEvent(class int, at time.Time, version string, about ...string) event {
	name := "Compliance Finding"
	if class == detectionFinding {
		name = "Detection Finding"
	}
	about = append([]string{r.Where.Account, r.Where.Region}, about...)
	sum := sha256.Sum256([]byte(strings.Join(about, "\x00")))
	uid := hex.EncodeToString(sum[:16])
	ofReview := sha256.Sum256([]byte(uid + r.MadeAt.Format(time.RFC3339)))
	return event{
		ActivityID: create, ActivityName: "Create", CategoryUID: findings, CategoryName: "Findings",
		ClassUID: class, ClassName: name, TypeUID: class*100 + create, TypeName: name + ": Create",
		Time: at.UnixMilli(), SeverityID: informational, Severity: "Informational", StatusID: statusNew, Status: "New",
		Metadata: metadata{
			Version: ocsfVersion, Product: product{"sgwarden", "sgwarden", version}, Profiles: []string{"cloud"}, UID: hex.EncodeToString(ofReview[:16]),
		},
		Cloud:       cloud{"AWS", r.Where.Region, cloudAccount{r.Where.Account, r.Where.Alias, "AWS Account", awsAccount}},
		FindingInfo: findingInfo{UID: uid, CreatedTime: at.UnixMilli()},
	}
}

func (r *Review) resourceOf(id, name string) []resource {
	kind := "AWS::EC2::SecurityGroup" // as CloudFormation and AWS Config name the type
	if strings.HasPrefix(id, "pl-") {
		kind = "AWS::EC2::PrefixList"
	}
	return []resource{{id, name, kind, r.Where.Region}}
}

// detected is what was reverted after one event.
func (r *Review) detected(v reverts.Revert, version string) event {
	e := r.newEvent(detectionFinding, v.Time, version, "revert", v.AlertID, v.GroupID, v.EventID)
	texts := make([]string, len(v.Rules))
	for i, one := range v.Rules {
		texts[i] = one.Text
	}
	e.StatusID, e.Status = statusResolved, "Resolved"
	e.SeverityID, e.Severity = severityOf(v.Severity)
	if v.More > 0 {
		texts = append(texts, words.Count(v.More, "more rule"))
	}
	e.Message = "reverted: " + strings.Join(texts, ", ")
	e.FindingInfo.Title, e.FindingInfo.Desc, e.FindingInfo.Types = "A change of a security group was reverted", e.Message, []string{"security group drift"}
	e.Resources = r.resourceOf(v.GroupID, v.GroupName)
	var seen evidence
	if v.Actor != "" {
		seen.Actor = &actor{user{v.Actor}}
	}
	if v.EventName != "" {
		seen.API = &api{Operation: v.EventName}
		if v.EventID != "" {
			seen.API.Request = &request{v.EventID}
		}
	}
	if seen != (evidence{}) {
		e.Evidences = []evidence{seen}
	}
	return e
}

// remarked is a check that could not be made in full, or a count without its rules.
func (r *Review) remarked(remark, version string) event {
	e := r.newEvent(complianceFinding, r.MadeAt, version, "remark", remark)
	e.Compliance = &compliance{
		Standards: []string{standard}, Control: control, Requirements: []string{requirement}, StatusID: warning, Status: "Warning", StatusDetail: remark,
	}
	e.SeverityID, e.Severity, e.Message = medium, "Medium", remark
	e.FindingInfo.Title, e.FindingInfo.Desc, e.FindingInfo.Types = "A remark on the review", remark, []string{"security group rules"}
	e.Resources = []resource{{r.Where.Account, r.Where.Alias, "AWS::::Account", r.Where.Region}}
	return e
}

// severityOf returns OCSF's number and caption for the severity of an alert.
func severityOf(severity string) (int, string) {
	switch severity {
	case "critical":
		return 5, "Critical"
	case "high":
		return high, "High"
	case "medium":
		return medium, "Medium"
	case "low":
		return 2, "Low"
	}
	return 0, "Unknown"
}

// isChecked reports whether a group could be judged by its baseline.
func isChecked(g Group) bool { return g.Status == overview.Guarded }
