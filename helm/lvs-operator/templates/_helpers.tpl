{{- define "lvs-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "lvs-operator.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "lvs-operator.name" .) .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "lvs-operator.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "lvs-operator.agentname" -}}
{{- printf "%s-agent" (include "lvs-operator.fullname" .) }}
{{- end }}

{{- define "lvs-operator.selector" -}}
app.kubernetes.io/name: {{ include "lvs-operator.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "lvs-operator.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: lvs-operator
{{ include "lvs-operator.selector" . }}
{{- end }}

{{- define "lvs-operator.image" -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}

{{- define "lvs-operator.operatorSecret" -}}
{{- if eq .Values.tls.mode "secrets" }}
{{- required "tls.operatorSecret: name the Secret with the operator's tls.crt, tls.key and ca.crt" .Values.tls.operatorSecret }}
{{- else }}
{{- printf "%s-tls" (include "lvs-operator.fullname" .) }}
{{- end }}
{{- end }}

{{- define "lvs-operator.agentSecret" -}}
{{- if eq .Values.tls.mode "secrets" }}
{{- required "tls.agentSecret: name the Secret with the agents' tls.crt, tls.key and ca.crt" .Values.tls.agentSecret }}
{{- else }}
{{- printf "%s-tls" (include "lvs-operator.agentname" .) }}
{{- end }}
{{- end }}

{{- define "lvs-operator.heartbeatSecret" -}}
{{- default (printf "%s-heartbeat" (include "lvs-operator.fullname" .)) .Values.heartbeat.existingSecret }}
{{- end }}

{{/* What a container may not do, whoever it is. */}}
{{- define "lvs-operator.lockdown" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
seccompProfile:
  type: RuntimeDefault
{{- end }}
